import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyEncoder } from './encoderFixture';
import { tico, ticoLoss } from './tico';
import { ticoGolden } from './tico.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  ticoGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const none = (): tf.Tensor2D => tf.zeros([5, 5]);

test('adds disagreement and, with its weight, the use of directions that were used before', () => {
  const z0 = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]); // second moments ½ I
  const z1 = tf.tensor2d([
    [2, 0],
    [1, 0],
  ]); // cosines 1 and 0
  const covariance = tf.tensor2d([
    [1, 0],
    [0, 0],
  ]);
  const { loss, terms, covariance: next } = ticoLoss(z0, z1, covariance);
  expect([...next.dataSync()]).toEqual([0.95, 0, 0, 0.05].map((value) => expect.closeTo(value, 6)));
  expect(numberOf(terms.invariance)).toBeCloseTo(0.5, 6);
  expect(numberOf(terms.contrast)).toBeCloseTo(0.5, 6);
  expect(numberOf(loss)).toBeCloseTo(4.5, 5);
  const options = { covarianceMomentum: 0, contrastWeight: 2 };
  expect(numberOf(ticoLoss(z0, z1, covariance, options).loss)).toBeCloseTo(1.5, 5);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, ticoGolden));
});

test('has the gradient that differences of its values have where the covariance is given, and none through it', () => {
  const given = { covarianceMomentum: 1 };
  expectGradients((z0, z1) => ticoLoss(z0, z1, tf.eye(5), given).loss, [random(1), random(2)]);
  const covariance = none();
  const gradients = gradientsOf(() => ticoLoss(random(1), random(2), covariance).loss, { covariance });
  expect(gradients.every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of samples or the length of projections', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1)];
      const loss = numberOf(ticoLoss(z0, z1, none()).loss);
      const moved = (z: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.reverse(z, 0), 10 ** exponent);
      expect(numberOf(ticoLoss(moved(z0), moved(z1), none()).loss)).toBeCloseTo(loss, 5);
    }),
    { numRuns: 20 },
  );
});

test('costs ρ more when all samples share a direction than when they spread over all', () => {
  const settled = (z: tf.Tensor2D) => numberOf(ticoLoss(z, z, none(), { covarianceMomentum: 0 }).loss);
  expect(settled(tf.ones([5, 5]))).toBeCloseTo(8, 5);
  expect(settled(tf.eye(5))).toBeCloseTo(8 / 5, 5);
});

describe('has finite gradients', () => {
  const finite = (z0: tf.Tensor2D, z1: tf.Tensor2D) =>
    gradientsOf(() => ticoLoss(z0, z1, none()).loss, { z0, z1 }).every(Number.isFinite);

  test('when every sample has the same projection', () => expect(finite(tf.ones([6, 5]), tf.ones([6, 5]))).toBe(true));
  test('for zeros, and a batch of one', () => expect(finite(tf.zeros([1, 5]), random(1, 1))).toBe(true));
  test('at scale 1e6', () => expect(finite(tf.mul(random(2), 1e6), random(3))).toBe(true));
});

test('refuses views and covariances that do not fit, and a momentum above 1', () => {
  expect(refusalOf(() => ticoLoss(random(1), random(2, 5), none()))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => ticoLoss(random(1), random(2), tf.zeros([5, 4])))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => tico({ momentum: 2 }))).toBe('INVALID_OPTION');
});

test('the method keeps a covariance as wide as its projections, which is not trained', () => {
  const { covariance } = tico({ projector: [7, 4] }).bind(tinyEncoder).variables;
  expect(covariance).toMatchObject({ shape: [4, 4], trainable: false });
});
