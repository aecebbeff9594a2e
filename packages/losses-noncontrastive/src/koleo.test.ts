import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { koleoLoss } from './koleo';
import { koleoGolden } from './koleo.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  koleoGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 7, dim = 4) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const gradientOf = (z: tf.Tensor2D) => gradientsOf(() => koleoLoss(z), { z });

test('is minus the mean log of the distance to the nearest other row on the sphere', () => {
  const z = tf.tensor2d([
    [2, 0],
    [0, 5],
    [-1, 0],
  ]); // every nearest neighbour is a right angle away: √2
  expect(numberOf(koleoLoss(z))).toBeCloseTo(-Math.log(Math.SQRT2), 5);
  const [far, near] = [Math.log(Math.sqrt(2.5) + 0.5), Math.log(Math.sqrt(0.5) + 0.5)]; // differences ±1 + ½
  expect(numberOf(koleoLoss(z, { epsilon: 0.5 }))).toBeCloseTo(-(2 * far + near) / 3, 5);
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, koleoGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((z) => koleoLoss(z), [random(1)]);
});

test('does not depend on the order of rows or on their length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const z = random(seed);
      const loss = numberOf(koleoLoss(z));
      expect(numberOf(koleoLoss(tf.reverse(z, 0)))).toBeCloseTo(loss, 4);
      expect(numberOf(koleoLoss(tf.mul(z, 10 ** exponent)))).toBeCloseTo(loss, 4);
    }),
    { numRuns: 20 },
  );
});

describe('has finite gradients', () => {
  const finite = (z: tf.Tensor2D) => gradientOf(z).every(Number.isFinite) && Number.isFinite(numberOf(koleoLoss(z)));

  test('when all rows are equal', () => expect(finite(tf.tile(random(2, 1), [5, 1]))).toBe(true));
  test('for rows of zeros, which have no direction', () => {
    expect(finite(tf.concat2d([random(3), tf.zeros([2, 4])], 0))).toBe(true);
  });
  test('for the smallest batch', () => expect(finite(random(4, 2))).toBe(true));
  test('for rows of length 1e6', () => expect(finite(tf.mul(random(5), 1e6))).toBe(true));
});

test('refuses a batch of one, which has no neighbour', () => {
  expect(refusalOf(() => koleoLoss(random(1, 1)))).toBe('BATCH_TOO_SMALL');
});
