import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyEncoder } from './encoderFixture';
import { negativeCosine, type SimsiamOptions, simsiam, simsiamLoss } from './simsiam';
import { simsiamGolden } from './simsiam.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  simsiamGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('is the mean of the negative cosines of each prediction with the other view', () => {
  const east = tf.tensor2d([[3, 0]]);
  const north = tf.tensor2d([[0, 0.2]]);
  expect(numberOf(simsiamLoss(east, north, north, east))).toBeCloseTo(-1, 6);
  expect(numberOf(simsiamLoss(east, east, north, east))).toBeCloseTo(-0.5, 6); // p₀ agrees with z₁, p₁ not with z₀
  expect(numberOf(negativeCosine(east, tf.tensor2d([[1, 1]])))).toBeCloseTo(-Math.SQRT1_2, 6);
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, simsiamGolden));
});

test('has the gradient that differences of its values have in predictions, and none in projections', () => {
  expectGradients((p0, p1) => simsiamLoss(p0, p1, random(3), random(4)), [random(1), random(2)]);
  expectGradients((p, z) => negativeCosine(p, z), [random(1), random(2)]);
  const [z0, z1] = [random(3), random(4)];
  const gradients = gradientsOf(() => simsiamLoss(random(1), random(2), z0, z1), { z0, z1 });
  expect(gradients.every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of views or samples, nor on the length of rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const [p0, p1, z0, z1] = [random(seed), random(seed + 1), random(seed + 2), random(seed + 3)];
      const loss = numberOf(simsiamLoss(p0, p1, z0, z1));
      const moved = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.reverse(x, 0), 10 ** exponent);
      expect(loss).toBeGreaterThanOrEqual(-1);
      expect(numberOf(simsiamLoss(p1, p0, z1, z0))).toBeCloseTo(loss, 5);
      expect(numberOf(simsiamLoss(moved(p0), moved(p1), moved(z0), moved(z1)))).toBeCloseTo(loss, 5);
    }),
    { numRuns: 20 },
  );
});

describe('has finite gradients', () => {
  const gradientOf = (p: tf.Tensor2D, z: tf.Tensor2D) => gradientsOf(() => negativeCosine(p, z), { p, z });

  test('of 0 for rows of zeros, which count 0', () => {
    expect(numberOf(negativeCosine(tf.zeros([6, 5]), random(1)))).toBe(-0);
    expect(gradientOf(tf.zeros([6, 5]), random(1)).every((gradient) => gradient === 0)).toBe(true);
  });
  test('of almost 0 where directions agree', () => {
    const z = tf.tile(random(2, 1), [6, 1]);
    expect(Math.max(...gradientOf(z, z).map(Math.abs))).toBeLessThan(1e-6);
  });
  test.each([1e-8, 1e8])('at scale %d, and for a batch of one', (scale) => {
    const [p, z]: tf.Tensor2D[] = [tf.mul(random(3, 1), scale), tf.mul(random(4, 1), scale)];
    expect(p && z && gradientOf(p, z).every(Number.isFinite)).toBe(true);
  });
});

test('refuses what differs in shape, and a predictor that does not end in the width of projections', () => {
  expect(refusalOf(() => negativeCosine(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => simsiamLoss(random(1), random(2), random(3), random(4, 6, 4)))).toBe('SHAPE_MISMATCH');
  const method = simsiam({ projector: [7, 4], predictor: [3, 5] });
  expect(refusalOf(() => method.bind(tinyEncoder))).toBe('INVALID_OPTION');
});

test('the method normalises projections last, and predicts them through 512 of 2048 dimensions unless told otherwise', () => {
  const shapes = (options = {}) => simsiam(options).bind(tinyEncoder).variables;
  expect(shapes()['predictor/layers/0/dense/kernel']?.shape).toEqual([2048, 512]);
  const small = shapes({ projector: [7, 4], predictor: [3, 4] });
  expect(small['projector/layers/1/norm/runningMean']?.shape).toEqual([4]);
  expect(small['projector/layers/1/norm/scale']).toBeUndefined();
  expect(small['predictor/layers/1/dense/kernel']?.shape).toEqual([3, 4]);
});

test('without the stop, gradients flow into projections; without widths, there is no predictor', () => {
  const [z0, z1] = [random(3), random(4)];
  expectGradients(
    (first, second) => simsiamLoss(random(1), random(2), first, second, { stopGradient: false }),
    [z0, z1],
  );
  const free = gradientsOf(() => simsiamLoss(random(1), random(2), z0, z1, { stopGradient: false }), { z0, z1 });
  expect(Math.max(...free.map(Math.abs))).toBeGreaterThan(1e-3);
  const { variables } = simsiam({ projector: [7, 4], predictor: [] }).bind(tinyEncoder);
  expect(Object.keys(variables).filter((name) => name.startsWith('predictor'))).toEqual([]);
});

test('the projector ends in batch norm unless told otherwise', () => {
  const namesOf = (options: SimsiamOptions) => Object.keys(simsiam(options).bind(tinyEncoder).variables);
  const widths = { projector: [7, 4], predictor: [4] };
  const last = 'projector/layers/1/norm/';
  expect(namesOf(widths).some((name) => name.startsWith(last))).toBe(true);
  expect(namesOf({ ...widths, finalNorm: false }).some((name) => name.startsWith(last))).toBe(false);
});
