import { sizeOf } from '@unlabel/core';
import { expand, filled, floatConstant, type GraphBuilder, integers, reshape, scalarConstant } from '../graph/builder';
import { dataType, type Value, value } from '../graph/graph';
import { imageShape } from '../graph/imageOrder';
import { denseImages, inImageOrder } from '../graph/lowered';
import type { KernelCall, Kernels } from './kernel';
import { requireBatchLast } from './requireBatchLast';
import { requireFitting } from './requireFitting';
import { applyWindowOp, windowed } from './windowOp';
import { imagesShape, poolingWindows, type Windows } from './windows';

/** Pooling and its gradients; zeros around an image count for neither the maximum nor the average. */
export const poolingKernels: Kernels = {
  MaxPool: {
    infer: (call) => [{ dtype: 'float32', shape: imagesShape(windowsOf(call, call.input('x').shape)) }],
    lower: (call) => {
      const { builder, output } = call;
      const windows = windowsOf(call, call.input('x').shape);
      const [largest = floatConstant(0)] = maxPool(builder, denseImages(builder, call.input('x')), windows);
      return [inImageOrder(largest, output)];
    },
  },
  MaxPoolGrad: {
    infer: (call) => [call.input('input')],
    lower: (call) => {
      const { builder, output } = call;
      const windows = windowsOf(call, output.shape);
      const images = denseImages(builder, call.input('input'));
      const dy = denseImages(builder, call.input('dy'));
      return [inImageOrder(maxPoolGradient(builder, images, dy, windows), output)];
    },
  },
  MaxPoolWithArgmax: {
    infer: (call) => {
      const shape = imagesShape(windowsOf(call, call.input('x').shape));
      return [
        { dtype: 'float32', shape },
        { dtype: 'int32', shape },
      ];
    },
    lower: (call) => {
      const { builder } = call;
      const { shape } = call.input('x');
      const images = denseImages(builder, call.input('x'));
      const [largest = images, winners = images] = maxPool(builder, images, windowsOf(call, shape));
      const places = plainPlaces(builder, winners, shape, call.flag('includeBatchInIndex'));
      const [values = call.output, indices = call.output] = call.outputs;
      return [inImageOrder(largest, values), inImageOrder(places, indices)];
    },
  },
  AvgPool: {
    infer: (call) => [{ dtype: 'float32', shape: imagesShape(windowsOf(call, call.input('x').shape)) }],
    lower: (call) => {
      const { builder, output } = call;
      const { kernel, strides, pads } = windowsOf(call, call.input('x').shape);
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
      const windows = windowsOf(call, output.shape);
      const dy = denseImages(builder, call.input('dy'));
      return [inImageOrder(averagePoolGradient(builder, dy, windows), output)];
    },
  },
};

function windowsOf(call: KernelCall, shape: readonly number[]): Windows {
  return requireFitting(call, poolingWindows(call, shape), true);
}

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

/**
 * Places in images as the graph orders them, as places in tfjs's order: of an image, or of the whole batch.
 * @param shape `[batch, height, width, channels]`
 */
function plainPlaces(builder: GraphBuilder, places: Value, shape: readonly number[], wholeBatch: boolean): Value {
  const extents = imageShape(builder.images, shape);
  const axes = wholeBatch ? [0, 1, 2, 3] : [1, 2, 3];
  const numbers = axes.map((axis) => {
    const at = builder.images.toPlain[axis] ?? axis;
    const steps = builder.op('Div', [places, scalarConstant('int64', sizeOf(extents.slice(at + 1)))], places);
    const coordinate = builder.op('Mod', [steps, scalarConstant('int64', shape[axis] ?? 1)], places);
    return builder.op('Mul', [coordinate, scalarConstant('int64', sizeOf(shape.slice(axis + 1)))], places);
  });
  const sum = numbers.reduce((total, number) => builder.op('Add', [total, number], places));
  return builder.op('Cast', [sum], { dtype: 'int32', shape: places.shape }, { to: dataType.int32 });
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
  requireBatchLast(builder, 'The gradient of a pooling');
  const { batch, inputChannels: channels, input, output, kernel, strides, pads } = windows;
  const shares = builder.op('Mul', [dy, shareOfPixel(builder, windows)], dy);
  const ones = value('float32', [1, 1, ...kernel, 1], filled('float32', sizeOf(kernel), 1));
  const [top, left, bottom, right] = pads;
  const covered = input.map((_, axis) => ((output[axis] ?? 1) - 1) * (strides[axis] ?? 1) + (kernel[axis] ?? 1));
  const [height = 1, width = 1] = covered.map((extent, axis) => extent - (pads[axis] ?? 0) - (pads[axis + 2] ?? 0));
  const spread = builder.op(
    'ConvTranspose',
    [reshape(builder, shares, [channels, 1, ...output, batch]), ones],
    { dtype: 'float32', shape: [channels, 1, height, width, batch] },
    { strides: [...strides, 1], pads: [top, left, 0, bottom, right, 0] },
  );
  const reached = reshape(builder, spread, [channels, height, width, batch]);
  if (height === input[0] && width === input[1]) return reached;
  const around = integers([0, 0, 0, 0, 0, input[0] - height, input[1] - width, 0]); // pixels that strides leave over
  const produces = { dtype: 'float32', shape: [channels, ...input, batch] } as const;
  return builder.op('Pad', [reached, around, floatConstant(0)], produces, { mode: 'constant' });
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
