import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { empSslLoss, empSslTerms } from './empSsl';
import { empSslGolden } from './empSsl.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  empSslGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 4) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

test('rewards a coding rate and a similarity worked out by hand', () => {
  const z = tf.tensor2d([1, 0, 0, 2], [2, 2]); // ½ log((1 + 1/ε²)(1 + 4/ε²)) with b = d
  const { codingRate, similarity } = empSslTerms([z, z], { distortion: 0.5 });
  expect(numberOf(codingRate)).toBeCloseTo(0.5 * Math.log(3 * 9), 5);
  expect(numberOf(similarity)).toBeCloseTo(1, 5);
  expect(numberOf(empSslLoss([z, z], { distortion: 0.5, invarianceWeight: 7 }))).toBeCloseTo(
    -0.5 * Math.log(27) - 7,
    4,
  );
  const turned = tf.tensor2d([0, 1, 2, 0], [2, 2]); // the mean is half a right angle from either view
  expect(numberOf(empSslTerms([z, turned]).similarity)).toBeCloseTo(Math.SQRT1_2, 5);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, empSslGolden));
});

test('has the gradient that differences of its values have, with more samples than dimensions or fewer', () => {
  const loss = (...views: tf.Tensor2D[]) => empSslLoss(views, { invarianceWeight: 5 });
  expectGradients(loss, [random(1), random(2), random(3)]);
  expectGradients(loss, [random(1, 3, 7), random(2, 3, 7)]);
});

test('does not depend on the order of views or samples, nor on a rotation of all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 9 }), (seed, batch) => {
      const [z0, z1] = [random(seed, batch), random(seed + 1000, batch)];
      const turn = tf.tensor2d([0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0.6, 0.8, 0, 0, -0.8, 0.6], [4, 4]);
      const loss = numberOf(empSslLoss([z0, z1]));
      const same = (...views: tf.Tensor2D[]) => expect(numberOf(empSslLoss(views)) / loss).toBeCloseTo(1, 4);
      same(z1, z0);
      same(tf.reverse(z0, 0), tf.reverse(z1, 0));
      same(tf.matMul(z0, turn), tf.matMul(z1, turn));
    }),
    { numRuns: 20 },
  );
});

test('falls when samples spread', () => {
  const rates = [0.1, 1, 10].map((scale) => numberOf(empSslLoss([tf.mul(random(5), scale)])));
  expect(rates).toEqual([...rates].sort((a, b) => b - a));
});

describe('has finite gradients', () => {
  const finite = (...views: tf.Tensor2D[]) =>
    gradientsOf(() => empSslLoss(views), Object.fromEntries(views.entries())).every(Number.isFinite);

  test('of collapsed projections', () => expect(finite(tf.ones([6, 4]), tf.ones([6, 4]))).toBe(true));
  test('of zeros', () => expect(finite(tf.zeros([6, 4]), random(1))).toBe(true));
  test('of one sample', () => expect(finite(random(1, 1), random(2, 1))).toBe(true));
  test('at scale 1e4', () => expect(finite(tf.mul(random(3), 1e4), tf.mul(random(4), 1e4))).toBe(true));
});

test('refuses views of different shapes and a distortion of 0', () => {
  expect(refusalOf(() => empSslLoss([random(1), random(2, 6, 3)]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => empSslLoss([random(1)], { distortion: 0 }))).toBe('INVALID_OPTION');
});
