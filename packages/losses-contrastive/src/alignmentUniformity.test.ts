import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  alignmentLoss,
  alignmentUniformity,
  alignmentUniformityLoss,
  alignmentUniformityTerms,
  uniformityLoss,
} from './alignmentUniformity';
import { alignmentUniformityGolden } from './alignmentUniformity.golden';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  alignmentUniformityGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);

test('alignment is the mean of distances on the unit sphere, to the power α', () => {
  const z0 = tf.tensor2d([
    [3, 0],
    [0, 1],
  ]);
  const z1 = tf.tensor2d([
    [0, 0.2],
    [0, 5],
  ]); // √2 apart, and not at all
  expect(numberOf(alignmentLoss(z0, z1))).toBeCloseTo(1, 6);
  expect(numberOf(alignmentLoss(z0, z1, { exponent: 1 }))).toBeCloseTo(Math.SQRT1_2, 6);
  expect(numberOf(alignmentLoss(z0, z1, { exponent: 4 }))).toBeCloseTo(2, 6);
});

test('uniformity is the logarithm of the mean potential between different samples', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
    [-1, 0],
  ]); // squared distances 2, 2 and 4
  const of = (t: number) => Math.log((2 * Math.exp(-2 * t) + Math.exp(-4 * t)) / 3);
  expect(numberOf(uniformityLoss(z))).toBeCloseTo(of(2), 5);
  expect(numberOf(uniformityLoss(z, { concentration: 0.5 }))).toBeCloseTo(of(0.5), 5);
});

test('their sum follows its weights', () => {
  const [z0, z1] = [random(1), random(2)];
  const { alignment, uniformity } = alignmentUniformityTerms(z0, z1);
  const sum = 3 * numberOf(alignment) + 0.5 * numberOf(uniformity);
  const weights = { alignmentWeight: 3, uniformityWeight: 0.5 };
  expect(numberOf(alignmentUniformityLoss(z0, z1, weights))).toBeCloseTo(sum, 5);
  expect(numberOf(uniformity)).toBeCloseTo((numberOf(uniformityLoss(z0)) + numberOf(uniformityLoss(z1))) / 2, 5);
});

describe('agrees with the reference', () => {
  test('in two golden files', () => expect(files.length).toBe(2));
  test.each(files)('$name', (file) => assertGolden(file, alignmentUniformityGolden));
});

test('has the gradient that differences of its values have, for other powers, too', () => {
  expectGradients((z0, z1) => alignmentUniformityLoss(z0, z1), [random(1), random(2)]);
  const options = { exponent: 1, concentration: 5 };
  expectGradients((z0, z1) => alignmentUniformityLoss(z0, z1, options), [random(1), random(2)]);
});

test('does not depend on the order of samples, on which view is which, or on the length of projections', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [z0, z1] = [random(seed), random(seed + 1)];
      const loss = numberOf(alignmentUniformityLoss(z0, z1));
      const close = (other: tf.Scalar) => expect(numberOf(other)).toBeCloseTo(loss, 4);
      close(alignmentUniformityLoss(tf.reverse(z0, 0), tf.reverse(z1, 0)));
      close(alignmentUniformityLoss(z1, z0));
      close(alignmentUniformityLoss(tf.mul(z0, 10 ** exponent), z1));
    }),
    { numRuns: 20 },
  );
});

test('does not depend on how the sphere is turned', () => {
  const turn = (z: tf.Tensor2D): tf.Tensor2D => {
    const [x, y, ...rest] = tf.split<tf.Tensor2D>(z, 5, 1);
    return tf.concat2d(
      [tf.sub(tf.mul(0.6, x ?? 0), tf.mul(0.8, y ?? 0)), tf.add(tf.mul(0.8, x ?? 0), tf.mul(0.6, y ?? 0)), ...rest],
      1,
    );
  };
  const [z0, z1] = [random(1), random(2)];
  const loss = numberOf(alignmentUniformityLoss(z0, z1));
  expect(numberOf(alignmentUniformityLoss(turn(z0), turn(z1)))).toBeCloseTo(loss, 5);
});

describe('stays finite, with finite gradients,', () => {
  test.each([1, 2])('at 0 when all is collapsed, with α = %d', (exponent) => {
    const z = tf.tile(random(3, 1), [6, 1]);
    const loss = () => alignmentUniformityLoss(z, z, { exponent });
    expect(numberOf(loss())).toBeCloseTo(0, 4);
    expect(Math.max(...gradientsOf(loss, { z }).map(Math.abs))).toBeLessThan(1e-4);
  });

  test('for rows of zeros and a concentration of 1e4', () => {
    const z: tf.Tensor2D = tf.concat2d([tf.zeros([1, 5]), random(4, 5)], 0);
    const loss = () => alignmentUniformityLoss(z, random(5), { concentration: 1e4 });
    expect([numberOf(loss()), ...gradientsOf(loss, { z })].every(Number.isFinite)).toBe(true);
  });
});

test('refuses views that do not match, batches of one, and options that are not positive', () => {
  expect(refusalOf(() => alignmentLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => uniformityLoss(random(1, 1)))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => alignmentUniformityLoss(random(1, 1), random(2, 1)))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => alignmentLoss(random(1), random(2), { exponent: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => uniformityLoss(random(1), { concentration: 0 }))).toBe('INVALID_OPTION');
});

test('the method weighs its terms, and projects to 128 numbers behind a hidden layer unless told otherwise', () => {
  const views = [inputView(1), inputView(2)];
  const method = alignmentUniformity({ projector: [7, 3], alignmentWeight: 2, uniformityWeight: 0.5 });
  const { loss, terms } = stepOf(method, views, firstState(method));
  const [alignment, uniformity] = [terms.alignment, terms.uniformity].map((term) =>
    numberOf(term ?? tf.scalar(Number.NaN)),
  );
  expect(numberOf(loss)).toBeCloseTo(2 * (alignment ?? 0) + 0.5 * (uniformity ?? 0), 5);
  const { variables } = alignmentUniformity().bind(linearEncoder);
  expect(variables['projector/layers/1/dense/kernel']?.shape).toEqual([5, 128]);
});
