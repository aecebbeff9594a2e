import { floatConstant, type GraphBuilder, integers, reshape, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { batchLast, imageShape } from '../graph/imageOrder';
import { denseImages, denseValue, inImageOrder, plainly } from '../graph/lowered';
import type { KernelCall, Kernels } from './kernel';
import { requireFitting } from './requireFitting';
import { convolutionWindows, imagesShape, type Windows } from './windows';

/** Convolutions of each channel by itself, with `multiplier` filters for it, and their two gradients. */
export const depthwiseKernels: Kernels = {
  DepthwiseConv2dNative: {
    infer: (call) => {
      const windows = windowsOf(call, call.input('x').shape, call.input('filter').shape);
      return [{ dtype: 'float32', shape: imagesShape(windows) }];
    },
    lower: (call) => {
      const { builder, output } = call;
      const windows = windowsOf(call, call.input('x').shape, call.input('filter').shape);
      const images = denseImages(builder, call.input('x'));
      const filter = denseValue(builder, call.input('filter'));
      return [inImageOrder(convolve(builder, images, filter, windows), output)];
    },
  },
  DepthwiseConv2dNativeBackpropInput: {
    infer: (call) => [{ dtype: 'float32', shape: call.numbers('inputShape') }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = windowsOf(call, output.shape, call.input('filter').shape);
      const dy = denseImages(builder, call.input('dy'));
      const filter = denseValue(builder, call.input('filter'));
      return [inImageOrder(imagesGradient(builder, dy, filter, windows), output)];
    },
  },
  DepthwiseConv2dNativeBackpropFilter: {
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
  return requireFitting(call, convolutionWindows(call, images, filter, true), false);
}

/** @param filter `[height, width, channels, multiplier]` */
function convolve(builder: GraphBuilder, images: Value, filter: Value, windows: Windows): Value {
  const { strides, dilations, pads, kernel, inputChannels, outputChannels } = windows;
  return channelwise(builder, 'Conv', images, {
    weights: reshape(builder, transpose(builder, filter, [2, 3, 0, 1]), [outputChannels, 1, ...kernel]),
    shape: imageShape(builder.images, imagesShape(windows)),
    attributes: { strides, dilations },
    pads,
    group: inputChannels,
  });
}

/**
 * The gradient of the images: at stride 1 a convolution of `dy` with the filter turned by 180°, else its transpose.
 * @param dy `[channels · multiplier, …, batch]`
 */
function imagesGradient(builder: GraphBuilder, dy: Value, filter: Value, windows: Windows): Value {
  requireBatchLast(builder);
  const { kernel, strides, pads, input, inputChannels: group, outputChannels, batch } = windows;
  const shape = [group, ...input, batch];
  const around = pads.map((pad, side) => (kernel[side % 2] ?? 1) - 1 - pad);
  if (strides.every((stride) => stride === 1) && around.every((pad) => pad >= 0)) {
    const weights = transpose(builder, turned(builder, filter), [2, 3, 0, 1]);
    return channelwise(builder, 'Conv', dy, { weights, shape, attributes: { strides }, pads: around, group });
  }
  const weights = reshape(builder, transpose(builder, filter, [2, 3, 0, 1]), [outputChannels, 1, ...kernel]);
  const [below = 0, beside = 0] = tapsReached(windows).map((taps, axis) => taps - (kernel[axis] ?? 1));
  const reached = [group, input[0] - below, input[1] - beside, batch];
  const covered = channelwise(builder, 'ConvTranspose', dy, {
    weights,
    shape: reached,
    attributes: { strides },
    pads,
    group,
  });
  if (below + beside === 0) return covered;
  const behind = [integers([0, 0, 0, 0, 0, below, beside, 0]), floatConstant(0)];
  return builder.op('Pad', [covered, ...behind], { dtype: 'float32', shape }, { mode: 'constant' });
}

/** The filter turned by 180°. */
function turned(builder: GraphBuilder, filter: Value): Value {
  const [height = 1, width = 1] = filter.shape;
  const inputs = [
    [-1, -1],
    [-1 - height, -1 - width],
    [0, 1],
    [-1, -1],
  ].map(integers);
  return height * width === 1 ? filter : builder.op('Slice', [filter, ...inputs], filter);
}

/**
 * The gradient of the filter: the images convolved with `dy` for a filter, whose pixels lie a stride apart.
 * @returns `[height, width, channels, multiplier]`
 */
function filterGradient(builder: GraphBuilder, images: Value, dy: Value, windows: Windows): Value {
  requireBatchLast(builder);
  const { strides, kernel, output, inputChannels, outputChannels, batch } = windows;
  const [top, left, bottom, right] = windows.pads;
  const [rows = 1, columns = 1] = tapsReached(windows);
  const weights = reshape(builder, dy, [outputChannels, 1, ...output, batch]);
  const sums = builder.op(
    'Conv',
    [reshape(builder, images, [1, ...images.shape]), weights],
    { dtype: 'float32', shape: [1, outputChannels, rows, columns, 1] },
    { group: inputChannels, dilations: [...strides, 1], pads: [top, left, 0, bottom, right, 0] },
  );
  const shape = [inputChannels, outputChannels / inputChannels, rows, columns];
  const byTap = transpose(builder, reshape(builder, sums, shape), [2, 3, 0, 1]);
  if (rows === kernel[0] && columns === kernel[1]) return byTap;
  const produces = { dtype: 'float32', shape: [...kernel, ...byTap.shape.slice(2)] } as const;
  return builder.op('Slice', [byTap, integers([0, 0]), integers(kernel), integers([0, 1])], produces);
}

/** How many taps a filter could have before its last window left the image: strides may leave pixels over. */
function tapsReached({ input, output, pads, strides }: Windows): readonly number[] {
  const [top, left, bottom, right] = pads;
  const padded = [top + input[0] + bottom, left + input[1] + right];
  return padded.map((extent, axis) => extent - ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1));
}

function requireBatchLast(builder: GraphBuilder): void {
  if (builder.images !== batchLast) throw new Error('Gradients of convolutions exist for batch-last images alone.');
}

/** What a window operator with a group for each channel needs; lists are rows before columns. */
interface Channelwise {
  /** Of four axes, as ONNX wants them. */ readonly weights: Value;
  /** Of the result, in the graph's order. */ readonly shape: readonly number[];
  readonly attributes: Readonly<Record<string, readonly number[]>>;
  readonly pads: readonly number[];
  readonly group: number;
}

/** With the batch last, images are one image with a third axis, along which windows are 1 wide. */
function channelwise(builder: GraphBuilder, op: 'Conv' | 'ConvTranspose', images: Value, options: Channelwise): Value {
  const { weights, shape, attributes, pads, group } = options;
  if (builder.images !== batchLast) {
    return builder.op(op, [images, weights], { dtype: 'float32', shape }, { ...attributes, pads, group });
  }
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  const lists = Object.entries(attributes).map(([name, list]) => [name, [...list, 1]] as const);
  const inputs = [reshape(builder, images, [1, ...images.shape]), reshape(builder, weights, [...weights.shape, 1])];
  const deep = { ...Object.fromEntries(lists), pads: [top, left, 0, bottom, right, 0], group };
  return reshape(builder, builder.op(op, inputs, { dtype: 'float32', shape: [1, ...shape] }, deep), shape);
}
