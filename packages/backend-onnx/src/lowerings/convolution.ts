import { type GraphBuilder, integers, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { channelsFirst, denseChannelsFirst, denseValue, plainly } from '../graph/lowered';
import { filterGradient } from './filterGradient';
import type { Kernels } from './kernel';
import { convolutionWindows, imagesShape, type Windows } from './windows';

/** Convolution and its two gradients; images stay channels first. */
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
      const images = denseChannelsFirst(builder, call.input('x'));
      const filter = transpose(builder, denseValue(builder, call.input('filter')), [3, 2, 0, 1]);
      return [channelsFirst(convolve(builder, images, filter, windows), output)];
    },
  },
  Conv2DBackpropInput: {
    infer: (call) => [{ dtype: 'float32', shape: call.numbers('inputShape') }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = convolutionWindows(call, output.shape, call.input('filter').shape);
      const dy = denseChannelsFirst(builder, call.input('dy'));
      const filter = denseValue(builder, call.input('filter'));
      return [channelsFirst(inputGradient(builder, dy, filter, windows), output)];
    },
  },
  Conv2DBackpropFilter: {
    infer: (call) => [{ dtype: 'float32', shape: call.numbers('filterShape') }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = convolutionWindows(call, call.input('x').shape, output.shape);
      const images = denseChannelsFirst(builder, call.input('x'));
      const dy = denseChannelsFirst(builder, call.input('dy'));
      return [plainly(filterGradient(builder, images, dy, windows), output)];
    },
  },
};

/** @param filter `[outputChannels, inputChannels, height, width]` */
function convolve(builder: GraphBuilder, images: Value, filter: Value, windows: Windows): Value {
  const { batch, outputChannels, output, strides, dilations, pads } = windows;
  const shape = [batch, outputChannels, ...output];
  return builder.op('Conv', [images, filter], { dtype: 'float32', shape }, { strides, dilations, pads });
}

/**
 * The gradient with respect to the images. At stride 1 it is a convolution with the filter turned by 180°, which is
 * faster than ConvTranspose.
 * @param filter `[height, width, inputChannels, outputChannels]`
 */
function inputGradient(builder: GraphBuilder, dy: Value, filter: Value, windows: Windows): Value {
  const { batch, inputChannels, input, output, strides, dilations, kernel, pads } = windows;
  const reach = kernel.map((extent, axis) => (extent - 1) * (dilations[axis] ?? 1));
  const before = reach.map((extent, axis) => extent - (pads[axis] ?? 0));
  const after = reach.map((extent, axis) => extent - (pads[axis + 2] ?? 0));
  const produces = { dtype: 'float32', shape: [batch, inputChannels, ...input] } as const;
  const unitStride = strides.every((stride) => stride === 1);
  if (unitStride && [...before, ...after].every((pad) => pad >= 0)) {
    const turned = transpose(builder, turn(builder, filter), [2, 3, 0, 1]);
    return builder.op('Conv', [dy, turned], produces, { strides, dilations, pads: [...before, ...after] });
  }
  const rest = input.map((extent, axis) => {
    const covered = ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1) + (reach[axis] ?? 0) + 1;
    return extent + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0) - covered;
  });
  const weights = transpose(builder, filter, [3, 2, 0, 1]);
  return builder.op('ConvTranspose', [dy, weights], produces, { strides, dilations, pads, output_padding: rest });
}

/** The filter turned by 180°. */
function turn(builder: GraphBuilder, filter: Value): Value {
  const axes = [0, 1].filter((axis) => filter.shape[axis] !== 1);
  if (axes.length === 0) return filter;
  const last = integers(axes.map(() => -1));
  const beyond = integers(axes.map((axis) => -1 - (filter.shape[axis] ?? 1)));
  return builder.op('Slice', [filter, last, beyond, integers(axes), last], filter);
}
