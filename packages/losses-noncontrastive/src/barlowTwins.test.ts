import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { barlowTwinsLoss, barlowTwinsTerms, crossCorrelation } from './barlowTwins';
import { barlowTwinsGolden } from './barlowTwins.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  barlowTwinsGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('adds what the diagonal lacks of 1 and, with its weight, what stands beside it', () => {
  const correlation = tf.tensor2d([
    [0.5, 2],
    [-1, 1],
  ]);
  const { diagonal, offDiagonal } = barlowTwinsTerms(correlation);
  expect([numberOf(diagonal), numberOf(offDiagonal)]).toEqual([0.25, 5]);
});

test('is 2λ when views agree and both dimensions say the same', () => {
  const z = tf.tensor2d([
    [300, -1000],
    [-300, 1000],
  ]); // C = [[1, −1], [−1, 1]]
  expect(numberOf(barlowTwinsLoss(z, z))).toBeCloseTo(0.01, 6);
  expect(numberOf(barlowTwinsLoss(z, z, { offDiagonalWeight: 0.5 }))).toBeCloseTo(1, 6);
  expect(numberOf(barlowTwinsLoss(z, tf.neg(z)))).toBeCloseTo(8.01, 5);
});

describe('agrees with the reference', () => {
  test('in five golden files', () => expect(files.length).toBe(5));
  test.each(files)('$name', (file) => assertGolden(file, barlowTwinsGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((z0, z1) => barlowTwinsLoss(z0, z1, { offDiagonalWeight: 0.3 }), [random(1), random(2)]);
});

test('does not depend on the order of views or samples, nor on shift or scale of dimensions', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 4 }), (seed, exponent) => {
      const [z0, z1]: [tf.Tensor2D, tf.Tensor2D] = [tf.mul(random(seed), 10), tf.mul(random(seed + 1), 10)];
      const loss = numberOf(barlowTwinsLoss(z0, z1));
      expect(numberOf(barlowTwinsLoss(z1, z0))).toBeCloseTo(loss, 4);
      expect(numberOf(barlowTwinsLoss(tf.reverse(z0, 0), tf.reverse(z1, 0)))).toBeCloseTo(loss, 4);
      const scales = tf.tensor1d([1, 10, 1, 10 ** exponent, 1]);
      const moved: tf.Tensor2D = tf.add(tf.mul(z0, scales), 7);
      expect(numberOf(barlowTwinsLoss(moved, z1))).toBeCloseTo(loss, 3);
    }),
    { numRuns: 20 },
  );
});

test('correlates each dimension with itself by 1, and with a constant by 0', () => {
  const z = tf.concat2d([tf.mul(random(1), 100), tf.ones([6, 1])], 1);
  const diagonal = tf.sum(tf.mul(crossCorrelation(z, z), tf.eye(6)), 1).dataSync();
  expect([...diagonal]).toEqual([1, 1, 1, 1, 1, 0].map((one) => expect.closeTo(one, 5)));
});

describe('has finite gradients', () => {
  const gradientOf = (z0: tf.Tensor2D, z1: tf.Tensor2D) => gradientsOf(() => barlowTwinsLoss(z0, z1), { z0, z1 });

  test('when every sample has the same projection', () => {
    const z = tf.tile(random(3, 1), [6, 1]);
    expect(numberOf(barlowTwinsLoss(z, z))).toBeCloseTo(5, 3);
    expect(gradientOf(z, z).every(Number.isFinite)).toBe(true);
  });
  test('for the smallest batch, and a row of zeros', () => {
    expect(gradientOf(tf.concat2d([tf.zeros([1, 5]), random(4, 1)], 0), random(5, 2)).every(Number.isFinite)).toBe(
      true,
    );
  });
  test.each([1e-6, 1e6])('at scale %d', (scale) => {
    expect(gradientOf(tf.mul(random(6), scale), tf.mul(random(7), scale)).every(Number.isFinite)).toBe(true);
  });
});

test('refuses views of different shapes and a batch of one, which has no correlations', () => {
  expect(refusalOf(() => barlowTwinsLoss(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => barlowTwinsLoss(random(1, 1), random(2, 1)))).toBe('BATCH_TOO_SMALL');
});
