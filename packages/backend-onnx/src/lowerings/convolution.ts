import { type GraphBuilder, integers, reshape, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { denseImages, denseValue, inImageOrder, plainly } from '../graph/lowered';
import { filterGradient } from './filterGradient';
import { inputGradient } from './inputGradient';
import type { Kernels } from './kernel';
import { multiplyMatrices } from './matmul';
import { windowed } from './windowOp';
import { convolutionWindows, imagesShape, type Windows } from './windows';

/** Convolution and its two gradients. */
export const convolutionKernels: Kernels = {
  Conv2D: {
    infer: (call) => [
      {
        dtype: 'float32',
        shape: imagesShape(convolutionWindows(call, call.input('x').shape, call.input('filter').shape)),
      },
    ],
    lower: (call) => {
      const { builder, output } = call;
      const windows = convolutionWindows(call, call.input('x').shape, call.input('filter').shape);
      const images = denseImages(builder, call.input('x'));
      const filter = denseValue(builder, call.input('filter'));
      return [inImageOrder(convolve(builder, images, filter, windows), output)];
    },
  },
  Conv2DBackpropInput: {
    infer: (call) => [{ dtype: 'float32', shape: call.numbers('inputShape') }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = convolutionWindows(call, output.shape, call.input('filter').shape);
      const dy = denseImages(builder, call.input('dy'));
      const filter = denseValue(builder, call.input('filter'));
      return [inImageOrder(inputGradient(builder, dy, filter, windows), output)];
    },
  },
  Conv2DBackpropFilter: {
    infer: (call) => [{ dtype: 'float32', shape: call.numbers('filterShape') }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = convolutionWindows(call, call.input('x').shape, output.shape);
      const images = denseImages(builder, call.input('x'));
      const dy = denseImages(builder, call.input('dy'));
      return [plainly(filterGradient(builder, images, dy, windows), output)];
    },
  },
};

/** @param filter `[height, width, inputChannels, outputChannels]` */
function convolve(builder: GraphBuilder, images: Value, filter: Value, windows: Windows): Value {
  const { strides, dilations, pads, kernel } = windows;
  const pointwise = kernel.every((extent) => extent === 1) && pads.every((pad) => pad === 0);
  if (pointwise && builder.images === batchLast) return mixChannels(builder, images, filter, windows);
  const weights = transpose(builder, filter, [3, 2, 0, 1]);
  return windowed(builder, images, {
    op: 'Conv',
    filter: weights,
    shape: imagesShape(windows),
    perAxis: { strides, dilations },
    pads,
  });
}

/** A 1×1 convolution is a product of matrices once the pixels that the stride leaves out are gone. */
function mixChannels(builder: GraphBuilder, images: Value, filter: Value, windows: Windows): Value {
  const { batch, inputChannels, outputChannels, output, strides } = windows;
  const pixels = everyPixel(builder, images, strides, [inputChannels, ...output, batch]);
  const weights = reshape(builder, filter, [inputChannels, outputChannels]);
  const rows = reshape(builder, pixels, [inputChannels, output[0] * output[1] * batch]);
  const mixed = multiplyMatrices(builder, weights, rows, { transposeA: true, transposeB: false });
  return reshape(builder, mixed, [outputChannels, ...output, batch]);
}

/** The pixels at multiples of the strides. */
function everyPixel(builder: GraphBuilder, images: Value, strides: readonly number[], shape: readonly number[]): Value {
  if (strides.every((stride) => stride === 1)) return images;
  const [, height = 1, width = 1] = images.shape;
  const inputs = [images, integers([0, 0]), integers([height, width]), integers([1, 2]), integers(strides)];
  return builder.op('Slice', inputs, { dtype: 'float32', shape });
}
