import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { msnLoss, msnTargets, msnTerms } from './msn';
import { msnGolden } from './msn.golden';
import { pmsnLoss, pmsnTerms } from './pmsn';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  msnGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 4, dim = 3) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);
const axes = () =>
  tf.tensor2d([
    [1, 0],
    [0, 2],
  ]); // two prototypes, a right angle apart
const soft = { temperature: 1, sharpening: 0.5, sinkhornIterations: 0 };

test('sharpens the targets, and compares them with the anchors', () => {
  const e = Math.exp(1);
  const target = tf.tensor2d([[3, 0]]); // cosines 1 and 0: shares e and 1, sharpened e² and 1
  const [first = 0, second = 0] = msnTargets(target, axes(), soft).dataSync();
  expect([first, second]).toEqual([expect.closeTo(e ** 2 / (e ** 2 + 1), 5), expect.closeTo(1 / (e ** 2 + 1), 5)]);
  const { crossEntropy, meMax } = msnTerms(tf.tensor2d([[0, 5]]), target, axes(), soft); // shares 1 and e
  const [p0, p1] = [1 / (1 + e), e / (1 + e)];
  expect(numberOf(crossEntropy)).toBeCloseTo(-first * Math.log(p0) - second * Math.log(p1), 5);
  expect(numberOf(meMax)).toBeCloseTo(Math.LN2 + p0 * Math.log(p0) + p1 * Math.log(p1), 5);
});

test('mean entropy is maximal, and its term 0, when anchors use all prototypes alike; the prior asks for a power law', () => {
  const anchors = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]);
  const options = { ...soft, powerLawExponent: 1 };
  expect(numberOf(msnTerms(anchors, anchors, axes(), soft).meMax)).toBeCloseTo(0, 5);
  const { prior } = pmsnTerms(anchors, anchors, axes(), options); // ⅔ and ⅓ against halves
  expect(numberOf(prior)).toBeCloseTo((2 / 3) * Math.log(4 / 3) + (1 / 3) * Math.log(2 / 3), 5);
  expect(numberOf(pmsnTerms(anchors, anchors, axes(), { ...soft, powerLawExponent: 0 }).prior)).toBeCloseTo(0, 5);
});

test('weighs its regularisers', () => {
  const [anchors, targets, prototypes] = [random(1, 8), random(2), random(3, 5)];
  const { crossEntropy, meMax } = msnTerms(anchors, targets, prototypes);
  const loss = numberOf(msnLoss(anchors, targets, prototypes, { meMaxWeight: 3 }));
  expect(loss).toBeCloseTo(numberOf(crossEntropy) + 3 * numberOf(meMax), 4);
  const { prior } = pmsnTerms(anchors, targets, prototypes);
  const other = numberOf(pmsnLoss(anchors, targets, prototypes, { priorWeight: 3 }));
  expect(other).toBeCloseTo(numberOf(crossEntropy) + 3 * numberOf(prior), 4);
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, msnGolden));
});

test('has the gradient that differences of its values have, and none for targets', () => {
  expectGradients((anchors) => msnLoss(anchors, random(2), random(3, 5), { temperature: 0.5 }), [random(1, 8)]);
  expectGradients((anchors) => pmsnLoss(anchors, random(2), random(3, 5), { temperature: 0.5 }), [random(1, 8)]);
  for (const loss of [msnLoss, pmsnLoss]) {
    const [anchors, targets, prototypes] = [random(1, 8), random(2), random(3, 5)];
    for (const sinkhornIterations of [0, 3]) {
      const gradient = gradientsOf(() => loss(anchors, targets, prototypes, { sinkhornIterations }), { targets });
      expect(gradient.every((value) => value === 0)).toBe(true);
    }
  }
});

test('does not depend on the order of samples or of views, or on the length of rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -6, max: 6 }), (seed, exponent) => {
      const [view0, view1, targets, prototypes] = [
        random(seed),
        random(seed + 1),
        random(seed + 2),
        random(seed + 3, 5),
      ];
      const scale = 10 ** exponent;
      for (const lossOf of [msnLoss, pmsnLoss]) {
        const loss = numberOf(lossOf(tf.concat2d([view0, view1], 0), targets, prototypes));
        const swapped = lossOf(tf.concat2d([view1, view0], 0), targets, prototypes);
        const turned = [tf.reverse(view0, 0), tf.reverse(view1, 0)];
        const reversed = lossOf(tf.concat2d(turned, 0), tf.reverse(targets, 0), prototypes);
        const scaled = lossOf(tf.concat2d([view0, view1], 0), tf.mul(targets, scale), tf.mul(prototypes, scale));
        for (const other of [swapped, reversed, scaled]) expect(numberOf(other) / loss).toBeCloseTo(1, 3);
      }
    }),
    { numRuns: 10 },
  );
});

describe('is finite, as is its gradient', () => {
  const finite = (anchors: tf.Tensor2D, options = {}) =>
    [msnLoss, pmsnLoss].every((loss) => {
      const prototypes = random(3, 5);
      return gradientsOf(() => loss(anchors, random(2), prototypes, options), { anchors, prototypes }).every(
        Number.isFinite,
      );
    });

  test('when all anchors are equal', () => expect(finite(tf.ones([4, 3]))).toBe(true));
  test('for rows of zeros', () => expect(finite(tf.zeros([4, 3]))).toBe(true));
  test('at a temperature of 1e-3, where unused prototypes have shares of 0', () => {
    expect(finite(tf.ones([4, 3]), { temperature: 1e-3 })).toBe(true);
  });
  test('for rows of length 1e6', () => expect(finite(tf.mul(random(1), 1e6))).toBe(true));
});

test('refuses anchors of no whole view, other dims, and temperatures that are not above 0', () => {
  expect(refusalOf(() => msnLoss(random(1, 6), random(2), random(3, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => msnLoss(random(1), random(2), random(3, 5, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => pmsnLoss(random(1, 4, 4), random(2), random(3, 5)))).toBe('SHAPE_MISMATCH');
  for (const options of [{ temperature: 0 }, { sharpening: 0 }]) {
    expect(refusalOf(() => msnLoss(random(1), random(2), random(3, 5), options))).toBe('INVALID_OPTION');
  }
});
