import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { directClr, directClrLoss } from './directClr';
import { directClrGolden } from './directClr.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  directClrGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 4, dim = 6) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const options = { dims: 4, temperature: 0.5 };

test('contrasts the first dimensions and does not see the others', () => {
  const h0 = tf.tensor2d([
    [1, 0, 9],
    [0, 1, -9],
  ]);
  const h1 = tf.tensor2d([
    [2, 0, -9],
    [0, 3, 5],
  ]); // on two dimensions: the positive at 1, two negatives at 0
  const loss = directClrLoss(h0, h1, { dims: 2, temperature: 1 });
  expect(numberOf(loss)).toBeCloseTo(-1 + Math.log(Math.E + 2), 5);
  expect(numberOf(directClrLoss(h0, h1, { dims: 3, temperature: 1 }))).toBeGreaterThan(1);
});

test('sees 360 of 2048 dimensions, or that share, unless told otherwise', () => {
  const [h0, h1] = [random(1, 4, 32), random(2, 4, 32)];
  const six = numberOf(directClrLoss(h0, h1, { dims: 6 })); // 32 · 360/2048 = 5.6
  expect(numberOf(directClrLoss(h0, h1))).toBe(six);
  const wide = [random(1, 2, 2048), random(2, 2, 2048)] as const;
  expect(numberOf(directClrLoss(...wide))).toBe(numberOf(directClrLoss(...wide, { dims: 360 })));
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, directClrGolden));
});

test('has the gradient that differences of its values have, and none beyond the first dimensions', () => {
  expectGradients((h0, h1) => directClrLoss(h0, h1, options), [random(1), random(2)]);
  const [h0, h1] = [random(1), random(2)];
  const gradient = gradientsOf(() => directClrLoss(h0, h1, options), { h0, h1 });
  expect(gradient.every((value, at) => (at % 6 < 4 ? value !== 0 : value === 0))).toBe(true);
});

test('does not depend on the order of samples, the order of views or the length of rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const [h0, h1] = [random(seed), random(seed + 1)];
      const loss = numberOf(directClrLoss(h0, h1, options));
      expect(numberOf(directClrLoss(h1, h0, options))).toBeCloseTo(loss, 4);
      expect(numberOf(directClrLoss(tf.reverse(h0, 0), tf.reverse(h1, 0), options))).toBeCloseTo(loss, 4);
      expect(numberOf(directClrLoss(tf.mul(h0, 10 ** exponent), h1, options))).toBeCloseTo(loss, 4);
    }),
    { numRuns: 20 },
  );
});

describe('has finite gradients', () => {
  const finite = (h0: tf.Tensor2D, h1: tf.Tensor2D, temperature = 0.1) =>
    gradientsOf(() => directClrLoss(h0, h1, { dims: 4, temperature }), { h0, h1 }).every(Number.isFinite);

  test('when all rows are equal', () => expect(finite(tf.ones([4, 6]), tf.ones([4, 6]))).toBe(true));
  test('for rows of zeros', () => expect(finite(tf.zeros([4, 6]), random(1))).toBe(true));
  test('at a temperature of 1e-3', () => expect(finite(random(1), random(2), 1e-3)).toBe(true));
  test('for rows of length 1e6', () => expect(finite(tf.mul(random(1), 1e6), random(2))).toBe(true));
});

test('refuses one sample, other shapes, no temperature, and more dimensions than there are', () => {
  expect(refusalOf(() => directClrLoss(random(1, 1), random(2, 1), options))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => directClrLoss(random(1), random(2, 4, 5), options))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => directClrLoss(random(1), random(2), { ...options, temperature: 0 }))).toBe('INVALID_OPTION');
  for (const dims of [0, 1.5, 7]) {
    expect(refusalOf(() => directClrLoss(random(1), random(2), { dims }))).toBe('INVALID_OPTION');
  }
  const encoder = { name: 'narrow', inputShape: [6], outputDim: 6, variables: {}, apply: () => random(1) };
  expect(refusalOf(() => directClr({ dims: 7 }).bind(encoder))).toBe('INVALID_OPTION');
});
