import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type InfoNceOptions, infoNceLoss } from './infoNce';
import { infoNceGolden } from './infoNce.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  infoNceGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);
const differentiate = (anchors: tf.Tensor2D, candidates: tf.Tensor2D, options: InfoNceOptions = {}) => {
  const loss = () => infoNceLoss(anchors, candidates, options);
  return [numberOf(loss()), ...gradientsOf(loss, { anchors, candidates })];
};

test('is log(1 + exp(−1/τ)) when pairs agree and the other candidate is orthogonal', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);
  expect(numberOf(infoNceLoss(z, z, { temperature: 0.5 }))).toBeCloseTo(Math.log(1 + Math.exp(-2)), 6);
  expect(numberOf(infoNceLoss(z, z, { temperature: tf.scalar(1) }))).toBeCloseTo(Math.log(1 + Math.exp(-1)), 6);
  expect(numberOf(infoNceLoss(z, z))).toBeCloseTo(Math.log1p(Math.exp(-1 / 0.07)), 6);
});

test('finds the targets that it is given, among any number of candidates', () => {
  const anchors = tf.tensor2d([[1, 0]]);
  const candidates = tf.tensor2d([
    [0, 1],
    [0, -1],
    [2, 0],
  ]);
  const lossAt = (target: number) =>
    numberOf(infoNceLoss(anchors, candidates, { temperature: 1, targets: tf.tensor1d([target], 'int32') }));
  expect(lossAt(2)).toBeCloseTo(Math.log(1 + 2 * Math.exp(-1)), 6);
  expect(lossAt(0)).toBeCloseTo(Math.log(2 + Math.E), 6);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, infoNceGolden));
});

test('has the gradient that differences of its values have, in a learned temperature, too', () => {
  const targets = tf.tensor1d([2, 0, 2, 8, 1, 5], 'int32');
  expectGradients((a, c) => infoNceLoss(a, c, { temperature: 0.3 }), [random(1), random(2)]);
  expectGradients((a, c) => infoNceLoss(a, c, { temperature: 0.3, targets }), [random(1), random(2, 9)]);
  expectGradients((temperature) => infoNceLoss(random(1), random(2), { temperature }), [tf.scalar(0.5)]);
});

test('does not depend on the order of samples or the length of rows', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [a, c] = [random(seed), random(seed + 1)];
      const loss = numberOf(infoNceLoss(a, c));
      expect(numberOf(infoNceLoss(tf.reverse(a, 0), tf.reverse(c, 0))) / loss).toBeCloseTo(1, 4);
      expect(numberOf(infoNceLoss(tf.mul(a, 10 ** exponent), c)) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for equal rows, zeros, a batch of one and extreme temperatures', () => {
  const same = tf.tile(random(3, 1), [6, 1]);
  const [loss = 0, ...gradients] = differentiate(same, same);
  expect(loss).toBeCloseTo(Math.log(6), 4);
  expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-4);
  expect(differentiate(random(4, 1), random(5, 1))[0]).toBeCloseTo(0, 6);
  expect(
    differentiate(tf.zeros([6, 5]), random(6))
      .slice(0, 31)
      .slice(1)
      .every((gradient) => gradient === 0),
  ).toBe(true);
  for (const temperature of [1e-6, 1e6]) {
    expect(differentiate(random(7), random(8), { temperature }).every(Number.isFinite)).toBe(true);
  }
});

test('refuses shapes and targets that do not fit, and temperatures that are not positive', () => {
  const withTargets = (targets: tf.Tensor1D) => refusalOf(() => infoNceLoss(random(1), random(2, 9), { targets }));
  expect(refusalOf(() => infoNceLoss(random(1), random(2, 9)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => infoNceLoss(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
  expect(withTargets(tf.tensor1d([0, 1], 'int32'))).toBe('SHAPE_MISMATCH');
  expect(withTargets(tf.tensor1d([0, 1, 2, 3, 4, 5]))).toBe('SHAPE_MISMATCH');
  expect(withTargets(tf.tensor1d([0, 1, 2, 3, 4, 5], 'int32'))).toBe(undefined);
  expect(refusalOf(() => infoNceLoss(random(1), random(2), { temperature: -1 }))).toBe('INVALID_OPTION');
});
