import { sizeOf } from '@unlabel/core';
import { expand, filled, floatConstant, type GraphBuilder, reshape } from '../graph/builder';
import { type Value, value } from '../graph/graph';
import { batchLast, imageShape } from '../graph/imageOrder';
import { denseImages, inImageOrder } from '../graph/lowered';
import type { Kernels } from './kernel';
import { applyWindowOp, windowed } from './windowOp';
import { imagesShape, poolingWindows, type Windows } from './windows';

/** Pooling and its gradients; zeros around an image count for neither the maximum nor the average. */
export const poolingKernels: Kernels = {
  MaxPool: {
    infer: (call) => [{ dtype: 'float32', shape: imagesShape(poolingWindows(call, call.input('x').shape)) }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = poolingWindows(call, call.input('x').shape);
      const [largest = floatConstant(0)] = maxPool(builder, denseImages(builder, call.input('x')), windows);
      return [inImageOrder(largest, output)];
    },
  },
  MaxPoolGrad: {
    infer: (call) => [call.input('input')],
    lower: (call) => {
      const { builder, output } = call;
      const windows = poolingWindows(call, output.shape);
      const images = denseImages(builder, call.input('input'));
      const dy = denseImages(builder, call.input('dy'));
      return [inImageOrder(maxPoolGradient(builder, images, dy, windows), output)];
    },
  },
  AvgPool: {
    infer: (call) => [{ dtype: 'float32', shape: imagesShape(poolingWindows(call, call.input('x').shape)) }],
    lower: (call) => {
      const { builder, output } = call;
      const { kernel, strides, pads } = poolingWindows(call, call.input('x').shape);
      const perAxis = { kernel_shape: kernel, strides };
      const images = denseImages(builder, call.input('x'));
      const average = windowed(builder, images, { op: 'AveragePool', shape: output.shape, perAxis, pads });
      return [inImageOrder(average, output)];
    },
  },
  AvgPoolGrad: {
    infer: (call) => [call.input('input')],
    lower: (call) => {
      const { builder, output } = call;
      const windows = poolingWindows(call, output.shape);
      const dy = denseImages(builder, call.input('dy'));
      return [inImageOrder(averagePoolGradient(builder, dy, windows), output)];
    },
  },
};

/** The largest pixel of each window, and its index in the flattened images. */
function maxPool(builder: GraphBuilder, images: Value, windows: Windows): readonly Value[] {
  const { kernel, strides, pads } = windows;
  const perAxis = { kernel_shape: kernel, strides };
  return applyWindowOp(builder, images, {
    op: 'MaxPool',
    shape: imagesShape(windows),
    perAxis,
    pads,
    dtypes: ['float32', 'int64'],
  });
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

/** Each window's gradient is shared out evenly among its pixels, in every channel alike: `[channels, …, batch]`. */
function averagePoolGradient(builder: GraphBuilder, dy: Value, windows: Windows): Value {
  if (builder.images !== batchLast) throw new Error('Gradients of poolings exist for batch-last images alone.');
  const { batch, inputChannels: channels, input, output, kernel, strides, pads } = windows;
  const shares = builder.op('Mul', [dy, shareOfPixel(builder, windows)], dy);
  const ones = value('float32', [1, 1, ...kernel, 1], filled('float32', sizeOf(kernel), 1));
  const rest = input.map((extent, axis) => {
    const covered = ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1) + (kernel[axis] ?? 1);
    return Math.max(0, extent + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0) - covered);
  });
  const [top, left, bottom, right] = pads;
  const spread = builder.op(
    'ConvTranspose',
    [reshape(builder, shares, [channels, 1, ...output, batch]), ones],
    { dtype: 'float32', shape: [channels, 1, ...input, batch] },
    { strides: [...strides, 1], output_padding: [...rest, 0], pads: [top, left, 0, bottom, right, 0] },
  );
  return reshape(builder, spread, [channels, ...input, batch]);
}

/** One over the number of pixels inside the image, for each window, along the axes of the graph's images. */
function shareOfPixel(builder: GraphBuilder, { input, output, kernel, strides, pads }: Windows): Value {
  const inside = (axis: 0 | 1, window: number) => {
    const start = window * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], input[axis]) - Math.max(start, 0);
  };
  const [height, width] = output;
  const shares = Float32Array.from(
    { length: height * width },
    (_, at) => 1 / (inside(0, Math.floor(at / width)) * inside(1, at % width)),
  );
  return value('float32', imageShape(builder.images, [1, height, width, 1]), shares);
}
