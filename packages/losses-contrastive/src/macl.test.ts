import { cpu, tf } from '@unlabel/core';
import { assertGolden, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dclLoss } from './dcl';
import { type MaclOptions, maclLoss } from './macl';
import { maclGolden } from './macl.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  maclGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const differentiate = (z0: tf.Tensor2D, z1: tf.Tensor2D, options: MaclOptions = {}) => {
  const loss = () => maclLoss(z0, z1, options);
  return { loss: numberOf(loss()), gradients: gradientsOf(loss, { z0, z1 }) };
};

/** −log P / (1 − P) for a margin d. */
const term = (d: number) => Math.log1p(Math.exp(d)) * (1 + Math.exp(-d));

test('is −log P / (1 − P) at a temperature that alignment has raised', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]); // alignment 1; two negatives at 0
  const expected = (tau: number) => term(Math.log(2) - 1 / tau);
  expect(numberOf(maclLoss(z, z, { temperature: 1 }))).toBeCloseTo(expected(1.5), 5);
  expect(numberOf(maclLoss(z, z, { temperature: 1, alpha: 0 }))).toBeCloseTo(expected(1), 5);
  expect(numberOf(maclLoss(z, z, { temperature: 1, initialAlignment: 0.5 }))).toBeCloseTo(expected(1.25), 5);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, maclGolden));
});

test('has the gradient of DCL at its temperature, for the factor takes the positive’s share out', () => {
  const [z0, z1] = [random(1), random(2)];
  const decoupled = gradientsOf(() => dclLoss(z0, z1, { temperature: 0.3 }), { z0, z1 });
  const { gradients } = differentiate(z0, z1, { temperature: 0.3, alpha: 0 });
  for (const [at, gradient] of gradients.entries()) expect(gradient).toBeCloseTo(decoupled[at] ?? Number.NaN, 5);
});

test('does not depend on the order of views, the order of samples or the length of projections', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1)];
      const loss = numberOf(maclLoss(z0, z1));
      const close = (other: tf.Scalar) => expect(numberOf(other) / loss).toBeCloseTo(1, 3);
      close(maclLoss(z1, z0));
      close(maclLoss(tf.reverse(z0, 0), tf.reverse(z1, 0)));
      close(maclLoss(tf.mul(z0, 10 ** exponent), z1));
    }),
    { numRuns: 20 },
  );
});

describe('stays finite, with finite gradients,', () => {
  test('when all projections are the same', () => {
    const z = tf.tile(random(3, 1), [6, 1]);
    const { loss, gradients } = differentiate(z, z);
    expect(loss).toBeCloseTo(term(Math.log(10)), 4);
    expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-4);
  });

  test.each([1e-6, 1e-3, 1e6])('at temperature %d, near 1 a term where positives stand out', (temperature) => {
    const { loss, gradients } = differentiate(random(4), random(4), { temperature });
    expect([loss, ...gradients].every(Number.isFinite)).toBe(true);
    if (temperature < 1) expect(loss).toBeCloseTo(1, 4);
    const apart = differentiate(random(5), random(6), { temperature });
    expect([apart.loss, ...apart.gradients].every(Number.isFinite)).toBe(true);
  });

  test('and gives a row of zeros no gradient', () => {
    const zeroed: tf.Tensor2D = tf.mul(random(6), tf.tensor2d([[0], [1], [1], [1], [1], [1]]));
    const { loss, gradients } = differentiate(zeroed, random(7));
    expect(gradients.slice(0, 5).every((gradient) => gradient === 0)).toBe(true);
    expect([loss, ...gradients].every(Number.isFinite)).toBe(true);
  });
});

test('refuses different shapes, a batch of one, and options that make a temperature of 0', () => {
  const refused = (options: MaclOptions) => refusalOf(() => maclLoss(random(1), random(2), options));
  expect(refusalOf(() => maclLoss(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => maclLoss(random(1, 1), random(2, 1)))).toBe('BATCH_TOO_SMALL');
  expect(refused({ temperature: 0 })).toBe('INVALID_OPTION');
  expect(refused({ alpha: 1 })).toBe('INVALID_OPTION');
  expect(refused({ alpha: -0.1 })).toBe('INVALID_OPTION');
  expect(refused({ alpha: 0.6, initialAlignment: 1 })).toBe('INVALID_OPTION');
});
