import { type GraphBuilder, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { denseImages, denseValue, inImageOrder, plainly } from '../graph/lowered';
import { filterGradient } from './filterGradient';
import { inputGradient } from './inputGradient';
import type { KernelCall, Kernels } from './kernel';
import { requireFitting } from './requireFitting';
import { windowed } from './windowOp';
import { convolutionWindows, imagesShape, type Windows } from './windows';

/** Convolution and its two gradients. */
export const convolutionKernels: Kernels = {
  Conv2D: {
    infer: (call) => [
      {
        dtype: 'float32',
        shape: imagesShape(windowsOf(call, call.input('x').shape, call.input('filter').shape)),
      },
    ],
    lower: (call) => {
      const { builder, output } = call;
      const windows = windowsOf(call, call.input('x').shape, call.input('filter').shape);
      const images = denseImages(builder, call.input('x'));
      const filter = denseValue(builder, call.input('filter'));
      return [inImageOrder(convolve(builder, images, filter, windows), output)];
    },
  },
  Conv2DBackpropInput: {
    infer: (call) => [{ dtype: 'float32', shape: call.numbers('inputShape') }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = windowsOf(call, output.shape, call.input('filter').shape);
      const dy = denseImages(builder, call.input('dy'));
      const filter = denseValue(builder, call.input('filter'));
      return [inImageOrder(inputGradient(builder, dy, filter, windows), output)];
    },
  },
  Conv2DBackpropFilter: {
    infer: (call) => [{ dtype: 'float32', shape: call.numbers('filterShape') }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = windowsOf(call, call.input('x').shape, output.shape);
      const images = denseImages(builder, call.input('x'));
      const dy = denseImages(builder, call.input('dy'));
      return [plainly(filterGradient(builder, images, dy, windows), output)];
    },
  },
};

function windowsOf(call: KernelCall, images: readonly number[], filter: readonly number[]): Windows {
  return requireFitting(call, convolutionWindows(call, images, filter), false);
}

/** @param filter `[height, width, inputChannels, outputChannels]` */
function convolve(builder: GraphBuilder, images: Value, filter: Value, windows: Windows): Value {
  const { strides, dilations, pads } = windows;
  const weights = transpose(builder, filter, [3, 2, 0, 1]);
  return windowed(builder, images, {
    op: 'Conv',
    filter: weights,
    shape: imagesShape(windows),
    perAxis: { strides, dilations },
    pads,
  });
}
