import { type Step, tf } from '@unlabel/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordStep } from '../capture/recordStep';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';
import { poolingKernels } from './pooling';
import { images, windowCases } from './windowCasesFixture';

/** Each window reaches into the image. */
const inside = windowCases.filter(({ kernel: [height], pad }) => typeof pad !== 'number' || height > pad);

const cases: readonly KernelCase[] = [
  kernelCase('maxPool', inside, ({ batch, size, channels, kernel, strides, pad, rounding }) => ({
    inputs: [normal([batch, ...size, channels])],
    compute: (x) => tf.maxPool(images(x), kernel, strides, pad, rounding),
    gradient: typeof pad !== 'number', // else tfjs forgets the rounding and refuses
  })),
  kernelCase('avgPool', inside, ({ batch, size, channels, kernel, strides, pad, rounding }) => ({
    inputs: [normal([batch, ...size, channels])],
    compute: (x) => tf.avgPool(images(x), kernel, strides, pad, rounding),
    gradient: pad === 'valid' || pad === 0, // else tfjs shares out among pixels that do not exist
  })),
  kernelCase('maxPoolWithArgmax', fc.tuple(windowCases, fc.boolean()), ([windows, wholeBatch]) => {
    const { batch, size, channels, kernel, strides } = windows;
    return {
      inputs: [normal([batch, ...size, channels])],
      compute: (x) => {
        const { result = x, indexes = x } = tf.maxPoolWithArgmax(images(x), kernel, strides, 'same', wholeBatch);
        return [result, indexes];
      },
      gradient: false,
    };
  }),
  kernelCase('pool with dilation', windowCases, ({ batch, size, channels, kernel }) => ({
    inputs: [normal([batch, ...size, channels])],
    compute: (x) => tf.pool(images(x), Math.min(2, ...kernel), 'max', 'valid', 2, 1),
  })),
];

describeKernels(poolingKernels, cases);

test('refuses windows outside of the image', () => {
  const step: Step = () => ({ outputs: { result: tf.maxPool(tf.zeros<tf.Rank.R4>([1, 4, 4, 1]), 1, 1, 1, 'floor') } });
  expect(() => recordStep(step, { state: {}, inputs: {} })).toThrow(
    expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED_OP', message: expect.stringContaining('MaxPool was called') }),
  );
});
