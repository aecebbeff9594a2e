import { sizeOf } from '@unlabel/core';
import { expand, filled, floatConstant, integers, reshape, sameShape, transpose } from '../graph/builder';
import { type Value, value } from '../graph/graph';
import { denseValue, type Lowered, plainly } from '../graph/lowered';
import type { Kernel, Kernels, LoweringCall } from './kernel';
import { type VolumeWindows, volumeConvolution, volumePooling, volumesShape } from './volumeWindows';

/** ONNX's order, `[batch, channels, depth, height, width]`, and back to tfjs's. */
const [channelsFirst, channelsLast] = [
  [0, 4, 1, 2, 3],
  [0, 2, 3, 4, 1],
];

/** The values of a tensor of volumes in ONNX's order. */
function volumesOf(call: LoweringCall, name: string): Value {
  return transpose(call.builder, denseValue(call.builder, call.input(name)), channelsFirst);
}

function asVolumes(call: LoweringCall, result: Value): readonly Lowered[] {
  return [plainly(transpose(call.builder, result, channelsLast), call.output)];
}

/** The shape of volumes in ONNX's order. */
function shapeOf(plain: readonly number[]): readonly number[] {
  return channelsFirst.map((axis) => plain[axis] ?? 1);
}

const convolution: Kernel = {
  infer: (call) => [
    {
      dtype: 'float32',
      shape: volumesShape(volumeConvolution(call, call.input('x').shape, call.input('filter').shape)),
    },
  ],
  lower: (call) => {
    const { builder, output } = call;
    const windows = volumeConvolution(call, call.input('x').shape, call.input('filter').shape);
    const { strides, dilations, pads } = windows;
    const weights = transpose(builder, denseValue(builder, call.input('filter')), [4, 3, 0, 1, 2]);
    const produces = { dtype: 'float32', shape: shapeOf(output.shape) } as const;
    return asVolumes(call, builder.op('Conv', [volumesOf(call, 'x'), weights], produces, { strides, dilations, pads }));
  },
};

const convolutionOfGradient: Kernel = {
  infer: (call) => [{ dtype: 'float32', shape: call.numbers('inputShape') }],
  lower: (call) => {
    const { builder, output } = call;
    const { strides, pads, rest } = volumeConvolution(call, output.shape, call.input('filter').shape);
    const weights = transpose(builder, denseValue(builder, call.input('filter')), [4, 3, 0, 1, 2]);
    const produces = { dtype: 'float32', shape: shapeOf(output.shape) } as const;
    const attributes = { strides, pads, output_padding: rest };
    return asVolumes(call, builder.op('ConvTranspose', [volumesOf(call, 'dy'), weights], produces, attributes));
  },
};

/** The volumes convolved with `dy` for a filter, whose elements lie a stride apart; channels take the batch's place. */
const filterGradient: Kernel = {
  infer: (call) => [{ dtype: 'float32', shape: call.numbers('filterShape') }],
  lower: (call) => {
    const { builder, output } = call;
    const { kernel, strides, pads, rest, ...windows } = volumeConvolution(call, call.input('x').shape, output.shape);
    const [images, dy] = ['x', 'dy'].map((name) =>
      transpose(builder, denseValue(builder, call.input(name)), [4, 0, 1, 2, 3]),
    );
    const taps = kernel.map((extent, axis) => extent + (rest[axis] ?? 0));
    const produces = { dtype: 'float32', shape: [windows.inputChannels, windows.outputChannels, ...taps] } as const;
    const sums = builder.op('Conv', [images, dy], produces, { dilations: strides, pads });
    const byTap = transpose(builder, sums, [2, 3, 4, 0, 1]);
    if (sameShape(byTap.shape, output.shape)) return [plainly(byTap, output)];
    const inputs = [byTap, integers([0, 0, 0]), integers(kernel), integers([0, 1, 2])];
    return [plainly(builder.op('Slice', inputs, output), output)];
  },
};

const pooling = (op: 'MaxPool' | 'AveragePool'): Kernel => ({
  infer: (call) => [{ dtype: 'float32', shape: volumesShape(volumePooling(call, call.input('x').shape)) }],
  lower: (call) => {
    const windows = volumePooling(call, call.input('x').shape);
    return asVolumes(call, pooled(call, volumesOf(call, 'x'), op, windows)[0] ?? floatConstant(0));
  },
});

/** The result of a pooling; for the largest elements, their places in the flattened volumes, too. */
function pooled(
  call: LoweringCall,
  volumes: Value,
  op: 'MaxPool' | 'AveragePool',
  windows: VolumeWindows,
): readonly Value[] {
  const { kernel: kernel_shape, strides, pads } = windows;
  const shape = shapeOf(volumesShape(windows));
  const produces = [
    { dtype: 'float32', shape },
    ...(op === 'MaxPool' ? [{ dtype: 'int64', shape } as const] : []),
  ] as const;
  return call.builder.opWithOutputs(op, [volumes], produces, { kernel_shape, strides, pads });
}

/** Each window's gradient goes to the element that won it, the first among equals. */
const maxPoolGradient: Kernel = {
  infer: (call) => [call.input('input')],
  lower: (call) => {
    const { builder, output } = call;
    const volumes = volumesOf(call, 'input');
    const [, winners = volumes] = pooled(call, volumes, 'MaxPool', volumePooling(call, output.shape));
    const zeros = expand(builder, floatConstant(0), [sizeOf(output.shape)]);
    const [places, dy] = [winners, volumesOf(call, 'dy')].map((one) => reshape(builder, one, [sizeOf(one.shape)]));
    const sums = builder.op('ScatterElements', [zeros, places, dy], zeros, { axis: 0, reduction: 'add' });
    return asVolumes(call, reshape(builder, sums, volumes.shape));
  },
};

/** Each window's gradient is shared out evenly among its elements, in every channel alike. */
const averagePoolGradient: Kernel = {
  infer: (call) => [call.input('input')],
  lower: (call) => {
    const { builder, output } = call;
    const { strides, pads, rest, kernel, ...windows } = volumePooling(call, output.shape);
    const [planes, dy] = [windows.batch * windows.inputChannels, volumesOf(call, 'dy')];
    const shares = builder.op('Mul', [dy, sharesOfElements(call, output.shape)], dy);
    const ones = value('float32', [1, 1, ...kernel], filled('float32', sizeOf(kernel), 1));
    const produces = { dtype: 'float32', shape: [planes, 1, ...windows.input] } as const;
    const inputs = [reshape(builder, shares, [planes, 1, ...windows.output]), ones];
    const spread = builder.op('ConvTranspose', inputs, produces, { strides, pads, output_padding: rest });
    return asVolumes(call, reshape(builder, spread, shapeOf(output.shape)));
  },
};

/** One over the number of elements inside the volume, for each window. */
function sharesOfElements(call: LoweringCall, shape: readonly number[]): Value {
  const { input, output, kernel, strides, pads } = volumePooling(call, shape);
  const inside = output.map((count, axis) =>
    Array.from({ length: count }, (_, window) => {
      const start = window * (strides[axis] ?? 1) - (pads[axis] ?? 0);
      return Math.min(start + (kernel[axis] ?? 1), input[axis] ?? 1) - Math.max(start, 0);
    }),
  );
  const [depths = [], heights = [], widths = []] = inside;
  const shares = depths.flatMap((depth) =>
    heights.flatMap((height) => widths.map((width) => 1 / (depth * height * width))),
  );
  return value('float32', [1, 1, ...output], Float32Array.from(shares));
}

/** Convolution and pooling of volumes, `[batch, depth, height, width, channels]`, and their gradients. */
export const volumeKernels: Kernels = {
  Conv3D: convolution,
  Conv3DBackpropInputV2: convolutionOfGradient,
  Conv3DBackpropFilterV2: filterGradient,
  MaxPool3D: pooling('MaxPool'),
  MaxPool3DGrad: maxPoolGradient,
  AvgPool3D: pooling('AveragePool'),
  AvgPool3DGrad: averagePoolGradient,
};
