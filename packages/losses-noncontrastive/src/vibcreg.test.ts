import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyEncoder } from './encoderFixture';
import { vibcreg, vibcregLoss, vibcregTerms } from './vibcreg';
import { vibcregGolden } from './vibcreg.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  vibcregGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('adds mean squared difference, missing spread and squared correlation over dim², each with its weight', () => {
  const z0 = tf.tensor2d([
    [2, 200],
    [-2, -200],
  ]); // no hinge; correlation 1, twice, over 4
  const z1 = tf.tensor2d([
    [2, 200],
    [-2, -204],
  ]);
  const { invariance, variance, covariance } = vibcregTerms(z0, z1);
  expect(numberOf(invariance)).toBeCloseTo(4, 5);
  expect(numberOf(variance)).toBe(0);
  expect(numberOf(covariance)).toBeCloseTo(1, 5);
  expect(numberOf(vibcregLoss(z0, z1))).toBeCloseTo(25 * 4 + 200, 3);
  expect(numberOf(vibcregLoss(z0, z1, { invarianceWeight: 1, covarianceWeight: 3 }))).toBeCloseTo(7, 4);
  expect(numberOf(vibcregLoss(tf.zeros([4, 3]), tf.zeros([4, 3]), { varianceWeight: 3 }))).toBeCloseTo(5.94, 4);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, vibcregGolden));
});

test('has the gradient that differences of its values have', () => {
  const weights = { invarianceWeight: 1, varianceWeight: 1, covarianceWeight: 8 }; // a large loss has coarse differences
  expectGradients((z0, z1) => vibcregLoss(z0, z1, weights), [random(1), random(2)], { step: 0.002 });
});

test('does not depend on the order of views or samples, nor on a shift; its covariance term not on scale', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -4, max: 4 }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1)];
      const loss = numberOf(vibcregLoss(z0, z1));
      expect(numberOf(vibcregLoss(z1, z0))).toBeCloseTo(loss, 3);
      expect(numberOf(vibcregLoss(tf.reverse(z0, 0), tf.reverse(z1, 0)))).toBeCloseTo(loss, 3);
      expect(numberOf(vibcregLoss(tf.add(z0, 3), tf.add(z1, 3)))).toBeCloseTo(loss, 2);
      const covariance = numberOf(vibcregTerms(z0, z1).covariance);
      expect(numberOf(vibcregTerms(tf.mul(z0, 10 ** exponent), z1).covariance)).toBeCloseTo(covariance, 4);
    }),
    { numRuns: 20 },
  );
});

describe('has finite gradients', () => {
  const gradientOf = (z0: tf.Tensor2D, z1: tf.Tensor2D) => gradientsOf(() => vibcregLoss(z0, z1), { z0, z1 });

  test('when every sample has the same projection', () => {
    const z: tf.Tensor2D = tf.ones([6, 5]);
    expect(numberOf(vibcregLoss(z, z))).toBeCloseTo(2 * 25 * 0.99, 4);
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

test('refuses views of different shapes and a batch of one', () => {
  expect(refusalOf(() => vibcregLoss(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => vibcregLoss(random(1, 1), random(2, 1)))).toBe('BATCH_TOO_SMALL');
});

test('the method whitens what its projector gives, unless told otherwise', () => {
  const names = (whiten: boolean) => Object.keys(vibcreg({ projector: [7, 4], whiten }).bind(tinyEncoder).variables);
  expect(names(true)).toContain('projector/norm/runningCovariance');
  expect(names(false)).not.toContain('projector/norm/runningCovariance');
});
