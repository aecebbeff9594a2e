import { type GraphBuilder, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { convolutionFamily } from './convolutionFamily';
import { filterGradient } from './filterGradient';
import { inputGradient } from './inputGradient';
import type { Kernels } from './kernel';
import { windowed } from './windowOp';
import { imagesShape, type Windows } from './windows';

/** Convolution and its two gradients. */
export const convolutionKernels: Kernels = convolutionFamily({
  kernel: 'Conv2D',
  depthwise: false,
  convolve,
  inputGradient,
  filterGradient,
});

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
