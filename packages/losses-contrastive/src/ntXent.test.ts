import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { multiViewNtXentLoss, type NtXentOptions, ntXentLoss } from './ntXent';
import { ntXentGolden } from './ntXent.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  ntXentGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

/** Loss, then its gradient with respect to both views. */
function differentiate(z0: tf.Tensor2D, z1: tf.Tensor2D, options: NtXentOptions = {}) {
  const loss = () => ntXentLoss(z0, z1, options);
  return { loss: numberOf(loss()), gradients: gradientsOf(loss, { z0, z1 }) };
}

test('is log(1 + 2 exp(−1/τ)) when pairs agree and different samples are orthogonal', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]); // each anchor sees its positive (1/τ) and both views of the other sample (0)
  expect(numberOf(ntXentLoss(z, z, { temperature: 0.5 }))).toBeCloseTo(Math.log(1 + 2 * Math.exp(-2)), 6);
  expect(numberOf(ntXentLoss(z, z))).toBeCloseTo(Math.log(1 + 2 * Math.exp(-2)), 6);
  expect(numberOf(ntXentLoss(z, z, { temperature: 1 }))).toBeCloseTo(Math.log(1 + 2 * Math.exp(-1)), 6);
});

test('sums the positives of more than two views inside the logarithm', () => {
  const z = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]); // two positives (1/τ) and three views of the other sample (0)
  const expected = Math.log(2 * Math.E + 3) - Math.log(2 * Math.E);
  expect(numberOf(multiViewNtXentLoss([z, z, z], { temperature: 1 }))).toBeCloseTo(expected, 6);
});

describe('agrees with the reference', () => {
  test('in twelve golden files', () => expect(files.length).toBe(12));
  test.each(files)('$name', (file) => assertGolden(file, ntXentGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((z0, z1) => ntXentLoss(z0, z1, { temperature: 0.2 }), [random(1), random(2)]);
  expectGradients((z0, z1, z2) => multiViewNtXentLoss([z0, z1, z2]), [random(1), random(2), random(3)]);
});

test('takes a temperature that is learned, whose gradient it has', () => {
  const [z0, z1] = [random(1), random(2)];
  expect(numberOf(ntXentLoss(z0, z1, { temperature: tf.scalar(0.2) }))).toBeCloseTo(
    numberOf(ntXentLoss(z0, z1, { temperature: 0.2 })),
    5,
  );
  expectGradients((temperature) => ntXentLoss(z0, z1, { temperature }), [tf.scalar(0.2)]);
});

test('does not depend on the order of views, the order of samples or the length of projections', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1)];
      const loss = numberOf(ntXentLoss(z0, z1));
      const order = tf.tensor1d([3, 0, 5, 1, 4, 2], 'int32');
      expect(numberOf(ntXentLoss(z1, z0))).toBeCloseTo(loss, 5);
      expect(numberOf(ntXentLoss(tf.gather(z0, order), tf.gather(z1, order)))).toBeCloseTo(loss, 5);
      expect(numberOf(ntXentLoss(tf.mul(z0, 10 ** exponent), z1))).toBeCloseTo(loss, 5);
    }),
    { numRuns: 20 },
  );
});

describe('stays finite, with finite gradients,', () => {
  test('at log(2N − 1) when all projections are the same', () => {
    const z = tf.tile(random(3, 1), [6, 1]);
    const { loss, gradients } = differentiate(z, z, { temperature: 0.1 });
    expect(loss).toBeCloseTo(Math.log(11), 5);
    expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-5);
  });

  test('and at zero for a batch of one, which has no negatives', () => {
    const { loss, gradients } = differentiate(random(4, 1), random(5, 1));
    expect(loss).toBeCloseTo(0, 6);
    expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-6);
  });

  test('and gives a row of zeros no gradient', () => {
    const zeroed: tf.Tensor2D = tf.mul(random(6), tf.tensor2d([[0], [1], [1], [1], [1], [1]]));
    const { loss, gradients } = differentiate(zeroed, random(7));
    expect(Number.isFinite(loss)).toBe(true);
    expect(gradients.slice(0, 5).every((gradient) => gradient === 0)).toBe(true);
    expect(gradients.every((gradient) => Math.abs(gradient) < 10)).toBe(true);
  });

  test.each([1e-10, 1e15])('with projections of scale %d', (scale) => {
    const { loss, gradients } = differentiate(tf.mul(random(8), scale), tf.mul(random(9), scale));
    expect(loss).toBeCloseTo(numberOf(ntXentLoss(random(8), random(9))), 4);
    expect(gradients.every(Number.isFinite)).toBe(true);
  });

  test.each([1e-6, 1e6])('at temperature %d', (temperature) => {
    const { loss, gradients } = differentiate(random(10), random(11), { temperature });
    expect([loss, ...gradients].every(Number.isFinite)).toBe(true);
  });
});

test('refuses views of different shapes, a single view and temperatures that are not positive', () => {
  expect(refusalOf(() => ntXentLoss(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => ntXentLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => multiViewNtXentLoss([random(1)]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => ntXentLoss(random(1), random(2), { temperature: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => ntXentLoss(random(1), random(2), { temperature: Number.NaN }))).toBe('INVALID_OPTION');
});
