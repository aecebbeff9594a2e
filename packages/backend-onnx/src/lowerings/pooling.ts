import { sizeOf } from '@unlabel/core';
import { expand, filled, floatConstant, type GraphBuilder, reshape } from '../graph/builder';
import { type Value, value } from '../graph/graph';
import { channelsFirst, denseChannelsFirst } from '../graph/lowered';
import type { Kernels } from './kernel';
import { imagesShape, poolingWindows, type Windows } from './windows';

/** Pooling and its gradients; zeros around an image count for neither the maximum nor the average. */
export const poolingKernels: Kernels = {
  MaxPool: {
    infer: (call) => [{ dtype: 'float32', shape: imagesShape(poolingWindows(call, call.input('x').shape)) }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = poolingWindows(call, call.input('x').shape);
      const [largest = floatConstant(0)] = maxPool(builder, denseChannelsFirst(builder, call.input('x')), windows);
      return [channelsFirst(largest, output)];
    },
  },
  MaxPoolGrad: {
    infer: (call) => [call.input('input')],
    lower: (call) => {
      const { builder, output } = call;
      const windows = poolingWindows(call, output.shape);
      const images = denseChannelsFirst(builder, call.input('input'));
      const dy = denseChannelsFirst(builder, call.input('dy'));
      return [channelsFirst(maxPoolGradient(builder, images, dy, windows), output)];
    },
  },
  AvgPool: {
    infer: (call) => [{ dtype: 'float32', shape: imagesShape(poolingWindows(call, call.input('x').shape)) }],
    lower: (call) => {
      const { builder, output } = call;
      const { kernel, strides, pads, ...windows } = poolingWindows(call, call.input('x').shape);
      const produces = { dtype: 'float32', shape: [windows.batch, windows.outputChannels, ...windows.output] } as const;
      const images = denseChannelsFirst(builder, call.input('x'));
      return [
        channelsFirst(builder.op('AveragePool', [images], produces, { kernel_shape: kernel, strides, pads }), output),
      ];
    },
  },
  AvgPoolGrad: {
    infer: (call) => [call.input('input')],
    lower: (call) => {
      const { builder, output } = call;
      const windows = poolingWindows(call, output.shape);
      const dy = denseChannelsFirst(builder, call.input('dy'));
      return [channelsFirst(averagePoolGradient(builder, dy, windows), output)];
    },
  },
};

/** The largest pixel of each window, and its index in the flattened images. */
function maxPool(builder: GraphBuilder, images: Value, windows: Windows): readonly Value[] {
  const { batch, outputChannels, output, kernel, strides, pads } = windows;
  const shape = [batch, outputChannels, ...output];
  const produces = [
    { dtype: 'float32', shape },
    { dtype: 'int64', shape },
  ] as const;
  return builder.opWithOutputs('MaxPool', [images], produces, { kernel_shape: kernel, strides, pads });
}

/** Each window's gradient goes to the pixel that won it, the first among equals. */
function maxPoolGradient(builder: GraphBuilder, images: Value, dy: Value, windows: Windows): Value {
  const [, winners = floatConstant(0)] = maxPool(builder, images, windows);
  const length = sizeOf(images.shape);
  const zeros = expand(builder, floatConstant(0), [length]);
  const inputs = [zeros, reshape(builder, winners, [sizeOf(dy.shape)]), reshape(builder, dy, [sizeOf(dy.shape)])];
  const scattered = builder.op(
    'ScatterElements',
    inputs,
    { dtype: 'float32', shape: [length] },
    { axis: 0, reduction: 'add' },
  );
  return reshape(builder, scattered, images.shape);
}

/** Each window's gradient is shared out evenly among its pixels. */
function averagePoolGradient(builder: GraphBuilder, dy: Value, windows: Windows): Value {
  const shares = builder.op('Mul', [dy, shareOfPixel(windows)], dy);
  return tiles(windows) ? repeated(builder, shares, windows) : overlapped(builder, shares, windows);
}

/** One over the number of pixels inside the image, for each window: `[1, 1, …output]`. */
function shareOfPixel({ input, output, kernel, strides, pads }: Windows): Value {
  const inside = (axis: 0 | 1, window: number) => {
    const start = window * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], input[axis]) - Math.max(start, 0);
  };
  const [height, width] = output;
  const shares = Float32Array.from(
    { length: height * width },
    (_, at) => 1 / (inside(0, Math.floor(at / width)) * inside(1, at % width)),
  );
  return shares.every((share) => share === shares[0])
    ? floatConstant(shares[0] ?? 1)
    : value('float32', [1, 1, height, width], shares);
}

/** Whether the windows cover the image exactly once. */
function tiles({ input, output, kernel, strides, pads }: Windows): boolean {
  return (
    pads.every((pad) => pad === 0) &&
    [0, 1].every((axis) => strides[axis] === kernel[axis] && (output[axis] ?? 0) * (kernel[axis] ?? 0) === input[axis])
  );
}

function repeated(
  builder: GraphBuilder,
  shares: Value,
  { batch, inputChannels, input, output, kernel }: Windows,
): Value {
  const [height, width] = output;
  const apart = reshape(builder, shares, [batch, inputChannels, height, 1, width, 1]);
  const together = expand(builder, apart, [batch, inputChannels, height, kernel[0], width, kernel[1]]);
  return reshape(builder, together, [batch, inputChannels, ...input]);
}

function overlapped(builder: GraphBuilder, shares: Value, windows: Windows): Value {
  const { batch, inputChannels, input, output, kernel, strides, pads } = windows;
  const images = batch * inputChannels;
  const flat = reshape(builder, shares, [images, 1, ...output]);
  const ones = value('float32', [1, 1, ...kernel], filled('float32', sizeOf(kernel), 1));
  const rest = input.map((extent, axis) => {
    const covered = ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1) + (kernel[axis] ?? 1);
    return extent + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0) - covered;
  });
  const produces = { dtype: 'float32', shape: [images, 1, ...input] } as const;
  const spread = builder.op('ConvTranspose', [flat, ones], produces, {
    strides,
    pads,
    output_padding: rest.map((extent) => Math.max(0, extent)),
  });
  return reshape(builder, spread, [batch, inputChannels, ...input]);
}
