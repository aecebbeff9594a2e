import { constantSchedule, cpu, hostTensor, pretrain, sgd, tf } from '@unlabel/core';
import {
  assertGolden,
  expectGradients,
  gradientsOf,
  numberOf,
  readGoldenFolder,
  refusalOf,
  repeatedBatch,
} from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { wMse, wMseLoss } from './wMse';
import { wMseGolden } from './wMse.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  wMseGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 12, dim = 4) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('is 2 − 2 cos of whitened views worked out by hand', () => {
  const z0 = tf.tensor2d([1, 0, -1, 0, 0, 1, 0, -1], [4, 2]); // white but for scale
  const quarterTurn = tf.tensor2d([0, 1, 0, -1, -1, 0, 1, 0], [4, 2]);
  expect(numberOf(wMseLoss([z0, z0]))).toBeCloseTo(0, 5);
  expect(numberOf(wMseLoss([z0, quarterTurn]))).toBeCloseTo(2, 5);
  expect(numberOf(wMseLoss([z0, tf.neg(z0)]))).toBeCloseTo(4, 5);
  expect(numberOf(wMseLoss([z0, quarterTurn, tf.neg(z0)]))).toBeCloseTo((2 + 4 + 2) / 3, 5); // all pairs of views
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, wMseGolden));
});

test('has the gradient that differences of its values have, in groups and with either method', () => {
  const views = [random(1), random(2), random(3)];
  const step = 0.003; // the third derivative is large
  expectGradients((...z) => wMseLoss(z), views, { step });
  expectGradients((...z) => wMseLoss(z, { groupSize: 6, epsilon: 0.1 }), views, { step });
  expectGradients((...z) => wMseLoss(z, { method: 'iterative' }), views, { step });
});

test('does not depend on the order of views or samples, nor on shift and scale of a view', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -3, max: 3 }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1000)];
      const loss = numberOf(wMseLoss([z0, z1]));
      expect(numberOf(wMseLoss([z1, z0]))).toBeCloseTo(loss, 3);
      expect(numberOf(wMseLoss([tf.reverse(z0, 0), tf.reverse(z1, 0)]))).toBeCloseTo(loss, 3);
      expect(numberOf(wMseLoss([tf.mul(10 ** exponent, tf.add(z0, 3)), z1]))).toBeCloseTo(loss, 2);
    }),
    { numRuns: 20 },
  );
});

test('whitens groups by themselves: order within a group is free, between groups it counts', () => {
  const [z0, z1] = [random(1), random(2)];
  const ordered = (order: number[]) => {
    const rows = tf.tensor1d(order, 'int32');
    return numberOf(wMseLoss([tf.gather(z0, rows), tf.gather(z1, rows)], { groupSize: 6 }));
  };
  const loss = ordered([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(ordered([5, 4, 3, 2, 1, 0, 6, 7, 8, 9, 10, 11])).toBeCloseTo(loss, 4);
  expect(Math.abs(ordered([0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5]) - loss)).toBeGreaterThan(1e-3);
});

describe('has finite gradients with ε above 0', () => {
  const finite = (z0: tf.Tensor2D, z1: tf.Tensor2D) =>
    gradientsOf(() => wMseLoss([z0, z1], { epsilon: 1e-3 }), { z0, z1 }).every(Number.isFinite);

  test('of collapsed views', () => expect(finite(tf.ones([6, 4]), tf.ones([6, 4]))).toBe(true));
  test('of two samples', () => expect(finite(random(1, 2), random(2, 2))).toBe(true));
  test.each([1e-6, 1e6])('at scale %d', (scale) => {
    expect(finite(tf.mul(random(3), scale), tf.mul(random(4), scale))).toBe(true);
  });
});

test('a run on samples that are all the same stops at once, and ε above 0 lets it go on', async () => {
  const view = hostTensor(new Float32Array(8 * 4).fill(1), [8, 4]);
  const batches = repeatedBatch({ 'views/0': view, 'views/1': view });
  const run = async (epsilon: number) => {
    const objective = wMse({ projector: [3], groupSize: 4, epsilon });
    const session = await cpu().open();
    const learningRate = () => constantSchedule(0.1);
    for await (const event of pretrain({
      batches,
      encoder,
      objective,
      optimizer: sgd(),
      session,
      epochs: 1,
      learningRate,
    })) {
      if (event.type === 'step') return event.step;
    }
    return 0;
  };
  await expect(run(0)).rejects.toMatchObject({ code: 'NON_FINITE_LOSS', message: expect.stringContaining('epsilon') });
  expect(await run(0.01)).toBe(1);
});

test('refuses groups that do not fit the batch or the dimensions, small batches and single views', () => {
  const [z0, z1] = [random(1), random(2)];
  expect(refusalOf(() => wMseLoss([z0, z1], { groupSize: 5 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => wMseLoss([z0, z1], { groupSize: 4 }))).toBe('INVALID_OPTION');
  expect(() => wMseLoss([z0, z1], { groupSize: 4 })).toThrow('groupSize is 4');
  expect(refusalOf(() => wMseLoss([random(1, 4), random(2, 4)]))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => wMseLoss([z0]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => wMseLoss([z0, random(2, 6)]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => wMse({ projector: [64], groupSize: 64 }).bind(encoder))).toBe('INVALID_OPTION');
});

const encoder = {
  name: 'none',
  inputShape: [4],
  outputDim: 4,
  variables: {},
  apply: (input: tf.Tensor): tf.Tensor2D => tf.reshape(input, [-1, 4]),
};
