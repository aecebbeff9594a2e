import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordStep } from '../capture/recordStep';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';
import { volumeKernels } from './volumes';

const three = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min, max }));

const windows = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 2 }),
    size: three(3, 5),
    kernel: three(1, 3),
    strides: three(1, 2),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  })
  .filter(
    ({ pad, kernel, strides }) => pad === 'valid' || kernel.every((extent, axis) => extent >= (strides[axis] ?? 1)),
  );

const cases: readonly KernelCase[] = [
  kernelCase('conv3d', windows, ({ batch, size, channels, kernel, strides, pad }) => ({
    inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, 2])],
    compute: (x, filter) => tf.conv3d(volumes(x), volumes(filter), strides, pad),
  })),
  kernelCase('conv3d with dilation', windows, ({ batch, size, channels, kernel }) => ({
    inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, 2])],
    compute: (x, filter) => tf.conv3d(volumes(x), volumes(filter), 1, 'same', 'NDHWC', [2, 1, 2]),
    gradient: false, // tfjs has none
  })),
  kernelCase('conv3dTranspose', windows, ({ batch, size, channels, kernel, strides }) => ({
    inputs: [normal([batch, ...size, 2]), normal([...kernel, channels, 2])],
    compute: (x, filter) => {
      const whole = size.map((extent, axis) => (extent - 1) * (strides[axis] ?? 1) + (kernel[axis] ?? 1));
      const [depth = 1, height = 1, width = 1] = whole;
      return tf.conv3dTranspose(volumes(x), volumes(filter), [batch, depth, height, width, channels], strides, 'valid');
    },
    gradient: false, // tfjs has none
  })),
  kernelCase('maxPool3d', windows, ({ batch, size, channels, kernel, strides, pad }) => ({
    inputs: [normal([batch, ...size, channels])],
    compute: (x) => tf.maxPool3d(volumes(x), kernel, strides, pad),
    gradient: kernel[1] === kernel[2], // else tfjs mistakes rows for columns
  })),
  kernelCase('avgPool3d', windows, ({ batch, size, channels, kernel, strides, pad }) => ({
    inputs: [normal([batch, ...size, channels])],
    compute: (x) => tf.avgPool3d(volumes(x), kernel, strides, pad),
    gradient: pad === 'valid', // else tfjs shares out among elements that do not exist
  })),
];

function volumes(tensor: tf.Tensor): tf.Tensor5D {
  const [a = 1, b = 1, c = 1, d = 1, e = 1] = tensor.shape;
  return tf.reshape(tensor, [a, b, c, d, e]);
}

describeKernels(volumeKernels, cases);

test('refuses windows that skip the first elements', () => {
  const step = () => ({ outputs: { result: tf.maxPool3d(tf.zeros<tf.Rank.R5>([1, 6, 6, 6, 1]), 1, 3, 'same') } });
  expect(() => recordStep(step, { state: {}, inputs: {} })).toThrow(
    expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED_OP', message: expect.stringContaining('MaxPool3D') }),
  );
});
