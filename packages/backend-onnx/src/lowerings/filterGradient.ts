import { sizeOf } from '@unlabel/core';
import { type GraphBuilder, integers, reshape, transpose } from '../graph/builder';
import { type Value, value } from '../graph/graph';
import { fillsBlocks } from '../graph/imageBlocks';
import { multiplyMatrices } from './matmul';
import { requireBatchLast } from './requireBatchLast';
import type { Windows } from './windows';

/**
 * The gradient of a convolution's filter: the pixels under each tap times the gradient of the output, summed over
 * positions and the batch. With the batch last, that is a single product of matrices. Images that will be in blocks leave
 * it to the pass that puts them there.
 * @param images `[inputChannels, …, batch]`
 * @param dy `[outputChannels, …, batch]`
 * @returns `[height, width, inputChannels, outputChannels]`
 */
export function filterGradient(builder: GraphBuilder, images: Value, dy: Value, windows: Windows): Value {
  requireBatchLast(builder, 'The gradient of a filter');
  const { batch, inputChannels, outputChannels, kernel, strides, pads, output } = windows;
  if (fillsBlocks({ inputChannels, outputChannels, width: output[1] }, builder.imageBlock)) {
    const shape = [...kernel, inputChannels, outputChannels];
    return builder.laterOp('FilterGradient', [images, dy], { dtype: 'float32', shape }, { strides, pads });
  }
  const [taps, samples] = [sizeOf(kernel), sizeOf(output) * batch];
  const patches = reshape(builder, pixelsUnderTaps(builder, images, windows), [inputChannels * taps, samples]);
  const gradients = reshape(builder, dy, [outputChannels, samples]);
  const product = multiplyMatrices(builder, patches, gradients, { transposeA: false, transposeB: true });
  const byTap = transpose(builder, reshape(builder, product, [inputChannels, taps, outputChannels]), [1, 0, 2]);
  return reshape(builder, byTap, [...kernel, inputChannels, outputChannels]);
}

/** For each channel, tap and position the pixel there, of the whole batch: `[channels, taps · positions, batch]`. */
function pixelsUnderTaps(builder: GraphBuilder, images: Value, windows: Windows): Value {
  const { batch, inputChannels: channels, input } = windows;
  const pixels = reshape(builder, images, [channels, sizeOf(input), batch]);
  const indices = pixelIndices(windows);
  if (indices.length === sizeOf(input) && indices.every((pixel, index) => pixel === index)) return pixels;
  const outside = sizeOf(input);
  const bordered = indices.includes(outside) ? withZeroPixel(builder, pixels) : pixels;
  const shape = [channels, indices.length, batch];
  return builder.op('Gather', [bordered, integers(indices)], { dtype: 'float32', shape }, { axis: 1 });
}

/** Which pixel lies under each tap at each position; one past the last where that is outside of the image. */
function pixelIndices({ input, output, kernel, strides, pads }: Windows): readonly number[] {
  const [height, width] = input;
  return range(kernel[0] * kernel[1]).flatMap((tap) =>
    range(output[0] * output[1]).map((position) => {
      const row = Math.floor(position / output[1]) * strides[0] + Math.floor(tap / kernel[1]) - pads[0];
      const column = (position % output[1]) * strides[1] + (tap % kernel[1]) - pads[1];
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      return inside ? row * width + column : height * width;
    }),
  );
}

function withZeroPixel(builder: GraphBuilder, pixels: Value): Value {
  const [channels = 1, count = 0, batch = 1] = pixels.shape;
  const zero = value('float32', [channels, 1, batch], new Float32Array(channels * batch));
  return builder.op('Concat', [pixels, zero], { dtype: 'float32', shape: [channels, count + 1, batch] }, { axis: 1 });
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
