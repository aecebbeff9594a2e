import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { byol, byolLoss } from './byol';
import { byolGolden } from './byol.golden';
import { tinyEncoder } from './encoderFixture';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  byolGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('is the squared distance of unit vectors, of both orders of the views', () => {
  const east = tf.tensor2d([[3, 0]]);
  const north = tf.tensor2d([[0, 0.2]]);
  expect(numberOf(byolLoss(east, north, north, east))).toBeCloseTo(0, 6);
  expect(numberOf(byolLoss(east, north, east, east))).toBeCloseTo(2, 6); // p₁ is √2 from t₀
  expect(numberOf(byolLoss(east, east, tf.neg(east), tf.neg(east)))).toBeCloseTo(8, 6);
});

describe('agrees with the reference', () => {
  test('in two golden files', () => expect(files.length).toBe(2));
  test.each(files)('$name', (file) => assertGolden(file, byolGolden));
});

test('has the gradient that differences of its values have in predictions, and none in targets', () => {
  expectGradients((p0, p1) => byolLoss(p0, p1, random(3), random(4)), [random(1), random(2)]);
  const [t0, t1] = [random(3), random(4)];
  const gradients = gradientsOf(() => byolLoss(random(1), random(2), t0, t1), { t0, t1 });
  expect(gradients.every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of views or samples, nor on the length of rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const [p0, p1, t0, t1] = [random(seed), random(seed + 1), random(seed + 2), random(seed + 3)];
      const loss = numberOf(byolLoss(p0, p1, t0, t1));
      const moved = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.reverse(x, 0), 10 ** exponent);
      expect(numberOf(byolLoss(p1, p0, t1, t0))).toBeCloseTo(loss, 5);
      expect(numberOf(byolLoss(moved(p0), moved(p1), moved(t0), moved(t1)))).toBeCloseTo(loss, 5);
    }),
    { numRuns: 20 },
  );
});

test('counts a row of zeros as at right angles to all, without a gradient', () => {
  const p0: tf.Tensor2D = tf.zeros([6, 5]);
  const gradients = gradientsOf(() => byolLoss(p0, random(1), random(2), random(1)), { p0 });
  expect(numberOf(byolLoss(p0, random(1), random(1), random(2)))).toBeCloseTo(2, 5);
  expect(gradients.every((gradient) => gradient === 0)).toBe(true);
});

test.each([1e-8, 1e8])('has finite gradients at scale %d, and for a batch of one', (scale) => {
  const p0 = tf.mul<tf.Tensor2D>(random(1, 1), scale);
  expect(gradientsOf(() => byolLoss(p0, p0, p0, p0), { p0 }).every(Number.isFinite)).toBe(true);
});

test('refuses what differs in shape, a momentum above 1 and a predictor that does not fit', () => {
  expect(refusalOf(() => byolLoss(random(1), random(2), random(3), random(4, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => byol({ momentum: 1.1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => byol({ projector: [4], predictor: [7, 5] }).bind(tinyEncoder))).toBe('INVALID_OPTION');
});

test('the method has a teacher of encoder and projector, not of the predictor, that comes to rest', () => {
  const { variables, schedules = {} } = byol({ projector: [7, 4], predictor: [3, 4] }).bind(tinyEncoder);
  const teacher = Object.keys(variables).filter((name) => name.startsWith('teacher/'));
  expect(teacher).toContain('teacher/projector/layers/1/dense/kernel');
  expect(teacher.some((name) => name.includes('predictor'))).toBe(false);
  const momentum = schedules.momentum?.(100, 10);
  expect([momentum?.(0), momentum?.(100)]).toEqual([0.996, 1]);
});

test('a teacher can follow at once, and predictions can be projections themselves', () => {
  const options = { projector: [7, 4], predictor: [], momentum: 0, finalMomentum: 0 };
  const { variables, schedules = {} } = byol(options).bind(tinyEncoder);
  expect(Object.keys(variables).filter((name) => name.startsWith('predictor'))).toEqual([]);
  const momentum = schedules.momentum?.(100, 10);
  expect([momentum?.(0), momentum?.(50), momentum?.(100)]).toEqual([0, 0, 0]);
});
