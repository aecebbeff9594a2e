import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { frosslLoss, frosslTerms } from './frossl';
import { frosslGolden } from './frossl.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  frosslGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('is −log dim a view when dimensions are orthogonal over the batch, and 0 when all are the same', () => {
  const { negativeEntropy, invariance } = frosslTerms([tf.eye(4), tf.mul<tf.Tensor2D>(tf.eye(4), 7)]);
  expect(numberOf(negativeEntropy)).toBeCloseTo(-2 * Math.log(4), 5);
  expect(numberOf(invariance)).toBeCloseTo(0, 6);
  expect(numberOf(frosslLoss([tf.ones([4, 3])]))).toBeCloseTo(0, 5);
});

test('adds, with its weight, how far views lie from their mean', () => {
  const views = [tf.tensor2d([[1], [0]]), tf.tensor2d([[0], [1]])]; // each (½, ½) from the mean: squares ½ + ½, V/N = 1
  expect(numberOf(frosslLoss(views))).toBeCloseTo(1, 6);
  expect(numberOf(frosslLoss(views, { invarianceWeight: 3 }))).toBeCloseTo(3, 6);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, frosslGolden));
});

test.each([3, 8])('has the gradient that differences of its values have, of 6 samples in %d dimensions', (dim) => {
  expectGradients((...views) => frosslLoss(views), [random(4, 6, dim), random(5, 6, dim), random(6, 6, dim)]);
});

test('does not depend on the order of views or samples, nor on the scale of dimensions', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1)];
      const loss = numberOf(frosslLoss([z0, z1]));
      const scales = tf.tensor1d([1, 10 ** exponent, 3, 1, 1]);
      expect(numberOf(frosslLoss([z1, z0]))).toBeCloseTo(loss, 5);
      expect(numberOf(frosslLoss([tf.reverse(z0, 0), tf.reverse(z1, 0)]))).toBeCloseTo(loss, 5);
      expect(numberOf(frosslLoss([tf.mul(z0, scales), z1]))).toBeCloseTo(loss, 5);
    }),
    { numRuns: 20 },
  );
});

describe('has finite gradients', () => {
  const finite = (z0: tf.Tensor2D, z1: tf.Tensor2D) => {
    const loss = () => frosslLoss([z0, z1]);
    return [numberOf(loss()), ...gradientsOf(loss, { z0, z1 })].every(Number.isFinite);
  };

  test('when every sample has the same projection', () => expect(finite(tf.ones([6, 5]), tf.ones([6, 5]))).toBe(true));
  test('for zeros', () => expect(finite(tf.zeros([6, 5]), random(1))).toBe(true));
  test('for a batch of one', () => expect(finite(random(1, 1), random(2, 1))).toBe(true));
  test('at scale 1e6', () => expect(finite(tf.mul(random(2), 1e6), random(3))).toBe(true));
});

test('refuses views of different shapes', () => {
  expect(refusalOf(() => frosslLoss([random(1), random(2, 6, 4)]))).toBe('SHAPE_MISMATCH');
});
