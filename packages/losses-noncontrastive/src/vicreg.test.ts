import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { vicregLoss, vicregTerms } from './vicreg';
import { vicregGolden } from './vicreg.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  vicregGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('pays 0.99 μ when half of the dimensions are constant', () => {
  const z = tf.tensor2d([
    [1, 0],
    [-1, 0],
  ]); // std √2 and √1e-4: hinges 0 and 0.99, mean 0.495, two views
  expect(numberOf(vicregLoss(z, z))).toBeCloseTo(24.75, 4);
});

test('adds mean squared difference, missing spread and covariance, each with its weight', () => {
  const z0 = tf.tensor2d([
    [2, 2],
    [-2, -2],
  ]); // variances 8: no hinge; covariance 8 twice, squared, over 2 dimensions: 64
  const z1 = tf.tensor2d([
    [2, -1],
    [-2, 1],
  ]); // variances 8 and 2; covariance −4: 16; differs from z0 by 3 in two of four
  const { invariance, variance, covariance } = vicregTerms(z0, z1);
  expect([invariance, variance, covariance].map(numberOf)).toEqual([4.5, 0, 80]);
  expect(numberOf(vicregLoss(z0, z1))).toBeCloseTo(25 * 4.5 + 80, 3);
  expect(numberOf(vicregLoss(z0, z1, { invarianceWeight: 2, covarianceWeight: 0.5 }))).toBeCloseTo(49, 4);
  expect(numberOf(vicregLoss(tf.zeros([4, 3]), tf.zeros([4, 3]), { varianceWeight: 3 }))).toBeCloseTo(5.94, 4);
});

describe('agrees with the reference', () => {
  test('in five golden files', () => expect(files.length).toBe(5));
  test.each(files)('$name', (file) => assertGolden(file, vicregGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((z0, z1) => vicregLoss(z0, z1), [random(1), random(2)]);
});

test('does not depend on the order of views, the order of samples or a shift of both views', () => {
  const [z0, z1] = [random(1), random(2)];
  const loss = numberOf(vicregLoss(z0, z1));
  const order = tf.tensor1d([3, 0, 5, 1, 4, 2], 'int32');
  expect(numberOf(vicregLoss(z1, z0))).toBeCloseTo(loss, 4);
  expect(numberOf(vicregLoss(tf.gather(z0, order), tf.gather(z1, order)))).toBeCloseTo(loss, 4);
  expect(numberOf(vicregLoss(tf.add(z0, 7), tf.add(z1, 7)))).toBeCloseTo(loss, 3);
});

describe('has finite gradients', () => {
  const gradientOf = (z0: tf.Tensor2D, z1: tf.Tensor2D) => gradientsOf(() => vicregLoss(z0, z1), { z0, z1 });

  test('of almost zero when every sample has the same projection', () => {
    const z = tf.tile(random(3, 1), [6, 1]);
    expect(numberOf(vicregLoss(z, z))).toBeCloseTo(2 * 25 * 0.99, 4);
    expect(Math.max(...gradientOf(z, z).map(Math.abs))).toBeLessThan(1e-4);
  });

  test('for the smallest batch', () =>
    expect(gradientOf(random(4, 2), random(5, 2)).every(Number.isFinite)).toBe(true));

  test('for a row of zeros', () => {
    const zeroed: tf.Tensor2D = tf.mul(random(6), tf.tensor2d([[0], [1], [1], [1], [1], [1]]));
    expect(gradientOf(zeroed, random(7)).every(Number.isFinite)).toBe(true);
  });

  test('for projections of scale 1e6', () => {
    expect(gradientOf(tf.mul(random(8), 1e6), tf.mul(random(9), 1e6)).every(Number.isFinite)).toBe(true);
  });
});

test('refuses views of different shapes and a batch of one, whose variance is unknown', () => {
  expect(refusalOf(() => vicregLoss(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => vicregLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => vicregLoss(random(1, 1), random(2, 1)))).toBe('BATCH_TOO_SMALL');
});
