import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { mmcrLoss, mmcrTerms } from './mmcr';
import { mmcrGolden } from './mmcr.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  mmcrGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('is −√(batch · views) terms worked out by hand: views agree, samples stand at right angles', () => {
  const z = tf.tensor2d([2, 0, 0, 5], [2, 2]);
  const { local, centroids } = mmcrTerms([z, z]); // Z_b = two equal unit rows: √2; C = I: 1 + 1
  expect(numberOf(local)).toBeCloseTo(Math.SQRT2, 5);
  expect(numberOf(centroids)).toBeCloseTo(2, 5);
  expect(numberOf(mmcrLoss([z, z], { localWeight: 0.5 }))).toBeCloseTo(Math.SQRT1_2 - 2, 5);
  expect(numberOf(mmcrLoss([z, tf.neg(z)]))).toBeCloseTo(0, 5); // views that cancel have no centroid
});

describe('agrees with the reference', () => {
  test('in two golden files', () => expect(files.length).toBe(2));
  test.each(files)('$name', (file) => assertGolden(file, mmcrGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((...z) => mmcrLoss(z, { localWeight: 0.3 }), [random(1), random(2), random(3)]);
});

test('does not depend on the order of views or samples, nor on the length of projections', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1000)];
      const lossOf = (views: tf.Tensor2D[]) => numberOf(mmcrLoss(views, { localWeight: 0.1 }));
      const loss = lossOf([z0, z1]);
      expect(lossOf([z1, z0])).toBeCloseTo(loss, 4);
      expect(lossOf([tf.reverse(z0, 0), tf.reverse(z1, 0)])).toBeCloseTo(loss, 4);
      expect(lossOf([tf.mul(z0, 10 ** exponent), z1])).toBeCloseTo(loss, 4);
    }),
    { numRuns: 20 },
  );
});

test('is lowest for centroids of length 1 at right angles, and higher the more they collapse', () => {
  const spread = tf.eye(5);
  const [best, some, none] = [spread, tf.add<tf.Tensor2D>(spread, 0.5), tf.ones<tf.Rank.R2>([5, 5])].map((z) =>
    numberOf(mmcrLoss([z, z])),
  );
  expect(best).toBeCloseTo(-5, 5);
  expect(some).toBeGreaterThan((best ?? 0) + 0.1);
  expect(none).toBeCloseTo(-Math.sqrt(5), 4);
});

describe('has finite gradients', () => {
  const finite = (...views: tf.Tensor2D[]) =>
    gradientsOf(() => mmcrLoss(views, { localWeight: 0.1 }), Object.fromEntries(views.entries())).every(
      Number.isFinite,
    );

  test('of collapsed projections', () => expect(finite(tf.ones([6, 5]), tf.ones([6, 5]))).toBe(true));
  test('of zeros', () => expect(finite(tf.zeros([6, 5]), random(1))).toBe(true));
  test('of views that cancel', () => expect(finite(random(1), tf.neg(random(1)))).toBe(true));
  test('of one sample', () => expect(finite(random(1, 1), random(2, 1))).toBe(true));
  test('at scale 1e6', () => expect(finite(tf.mul(random(3), 1e6), tf.mul(random(4), 1e6))).toBe(true));
});

test('refuses views of different shapes', () => {
  expect(refusalOf(() => mmcrLoss([random(1), random(2, 6, 4)]))).toBe('SHAPE_MISMATCH');
});
