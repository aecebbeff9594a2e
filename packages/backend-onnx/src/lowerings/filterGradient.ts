import { sizeOf } from '@unlabel/core';
import { floatConstant, type GraphBuilder, integers, reshape, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { multiplyMatrices } from './matmul';
import type { Windows } from './windows';

/**
 * The gradient of a convolution's filter: for each tap, the images shifted by it times the gradient of the output,
 * summed over positions and the batch. All taps are laid side by side, so that it is one product for each image.
 * @param images `[batch, inputChannels, …]`
 * @param dy `[batch, outputChannels, …]`
 * @returns `[height, width, inputChannels, outputChannels]`
 */
export function filterGradient(builder: GraphBuilder, images: Value, dy: Value, windows: Windows): Value {
  const { batch, inputChannels, outputChannels, kernel, output } = windows;
  const positions = sizeOf(output);
  const taps = sizeOf(kernel);
  const shifted = shiftedImages(builder, images, windows).map((tap) =>
    reshape(builder, tap, [batch, inputChannels, positions]),
  );
  const columns = concat(builder, shifted, 1);
  const flat = reshape(builder, dy, [batch, outputChannels, positions]);
  const products = multiplyMatrices(builder, flat, columns, { transposeA: false, transposeB: true });
  const shape = [outputChannels, taps * inputChannels];
  const summed = builder.op('ReduceSum', [products, integers([0])], { dtype: 'float32', shape }, { keepdims: 0 });
  return reshape(builder, transpose(builder, summed, [1, 0]), [...kernel, inputChannels, outputChannels]);
}

/** For each tap of the window, row by row, the pixels under it at every position: `[batch, inputChannels, …output]`. */
function shiftedImages(builder: GraphBuilder, images: Value, windows: Windows): readonly Value[] {
  const { kernel, strides, dilations, output } = windows;
  const padded = pad(builder, images, windows);
  const shape = [...images.shape.slice(0, 2), ...output];
  const [rows, columns] = kernel;
  return Array.from({ length: rows * columns }, (_, tap) => {
    const starts = [Math.floor(tap / columns) * dilations[0], (tap % columns) * dilations[1]];
    const ends = starts.map((start, axis) => start + ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1) + 1);
    const inputs = [padded, integers(starts), integers(ends), integers([2, 3]), integers(strides)];
    return builder.op('Slice', inputs, { dtype: 'float32', shape });
  });
}

function pad(builder: GraphBuilder, images: Value, { pads, input }: Windows): Value {
  if (pads.every((extent) => extent === 0)) return images;
  const [top, left, bottom, right] = pads;
  const shape = [...images.shape.slice(0, 2), input[0] + top + bottom, input[1] + left + right];
  const around = integers([0, 0, top, left, 0, 0, bottom, right]);
  return builder.op('Pad', [images, around, floatConstant(0)], { dtype: 'float32', shape });
}

function concat(builder: GraphBuilder, values: readonly Value[], axis: number): Value {
  const [first = floatConstant(0), ...others] = values;
  if (others.length === 0) return first;
  const extent = values.reduce((sum, value) => sum + (value.shape[axis] ?? 0), 0);
  return builder.op('Concat', values, { dtype: first.dtype, shape: first.shape.with(axis, extent) }, { axis });
}
