import { cpu, tf } from '@unlabel/core';
import { expectGradients, gradientsOf, numberOf, refusalOf } from '@unlabel/testkit';
import { array, assert, constantFrom, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { minedTripletLoss, type TripletMining } from './minedTriplet';

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const labelled = (...classes: number[]) => tf.tensor1d(classes, 'int32');
const minings: readonly TripletMining[] = ['hard', 'semi-hard', 'all'];

/** Points on the unit circle, whose squared distance is 2 − 2 cos of the angle between. */
const circle = (...degrees: number[]) =>
  tf.tensor2d(degrees.map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]));
const squared = (degrees: number) => 2 - 2 * Math.cos((degrees * Math.PI) / 180);

/** The mined loss by its definition, over all triplets one by one. */
function byDefinition(z: tf.Tensor2D, classes: readonly number[], mining: TripletMining, margin: number): number {
  const unit = tf.div<tf.Tensor2D>(z, tf.norm(z, 2, 1, true)).arraySync();
  const distance = (i: number, j: number) =>
    (unit[i] ?? []).reduce((sum, value, at) => sum + (value - (unit[j]?.[at] ?? 0)) ** 2, 0);
  const all = [...classes.keys()];
  const losses = all.flatMap((a) => {
    const positives = all.filter((p) => p !== a && classes[p] === classes[a]).map((p) => distance(a, p));
    const negatives = all.filter((n) => classes[n] !== classes[a]).map((n) => distance(a, n));
    if (positives.length === 0 || negatives.length === 0) return [];
    const pay = (p: number, n: number) => Math.max(0, p - n + margin);
    if (mining === 'hard') return [pay(Math.max(...positives), Math.min(...negatives))];
    if (mining === 'all') return positives.flatMap((p) => negatives.map((n) => pay(p, n)));
    return positives.map((p) => {
      const farther = negatives.filter((n) => n > p);
      return pay(p, farther.length > 0 ? Math.min(...farther) : Math.max(...negatives));
    });
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length);
}

test('takes the hardest triplet of each anchor, the nearest negative beyond each positive, or all triplets', () => {
  const z = circle(0, 60, 40, 90); // classes 0, 0, 1, 2: two anchors have a positive, at 60°
  const loss = (mining: TripletMining) => numberOf(minedTripletLoss(z, labelled(0, 0, 1, 2), { mining, margin: 1 }));
  const pay = (positive: number, negative: number) => Math.max(0, squared(positive) - squared(negative) + 1);
  expect(loss('hard')).toBeCloseTo((pay(60, 40) + pay(60, 20)) / 2, 5);
  expect(loss('semi-hard')).toBeCloseTo((pay(60, 90) + pay(60, 30)) / 2, 5); // none is beyond 60° for the second
  expect(loss('all')).toBeCloseTo((pay(60, 40) + pay(60, 90) + pay(60, 20) + pay(60, 30)) / 4, 5);
});

test('has a margin of 0.2 and mines the hardest, unless told otherwise', () => {
  const z = random(1);
  const labels = labelled(0, 0, 1, 1, 2, 2);
  const given = minedTripletLoss(z, labels, { margin: 0.2, mining: 'hard' });
  expect(numberOf(minedTripletLoss(z, labels))).toBe(numberOf(given));
});

test('is what its definition says, for any classes', () => {
  const classes = array(integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 9 });
  assert(
    property(integer({ min: 1, max: 1e6 }), classes, constantFrom(...minings), (seed, labels, mining) => {
      const z = random(seed, labels.length);
      const loss = numberOf(minedTripletLoss(z, labelled(...labels), { mining, margin: 0.5 }));
      expect(loss).toBeCloseTo(byDefinition(z, labels, mining, 0.5), 4);
    }),
    { numRuns: 60 },
  );
});

describe.each(minings)('mining %s', (mining) => {
  const labels = () => labelled(0, 0, 1, 1, 1, 2);
  const differentiate = (z: tf.Tensor2D, classes = labels()) => {
    const loss = () => minedTripletLoss(z, classes, { mining });
    return [numberOf(loss()), ...gradientsOf(loss, { z })];
  };

  test('has the gradient that differences of its values have', () => {
    expectGradients((z) => minedTripletLoss(z, labels(), { mining, margin: 5 }), [random(3)], {
      step: 0.001,
      tolerance: 0.02,
    });
  });

  test('does not depend on the order or length of rows', () => {
    const loss = numberOf(minedTripletLoss(random(3), labels(), { mining }));
    const [turned, classes] = [tf.mul<tf.Tensor2D>(tf.reverse(random(3), 0), 1e5), tf.reverse(labels(), 0)];
    expect(numberOf(minedTripletLoss(turned, classes, { mining }))).toBeCloseTo(loss, 4);
  });

  test('is the margin when all rows are the same, and finite for zeros and one row', () => {
    expect(differentiate(tf.tile(random(1, 1), [6, 1]))[0]).toBeCloseTo(0.2, 5);
    expect(differentiate(tf.zeros([6, 5])).every(Number.isFinite)).toBe(true);
    expect(differentiate(random(1, 1), labelled(7)).every((value) => Math.abs(value) === 0)).toBe(true);
  });

  test('is 0 where no triplet is to be had: one class, or none twice', () => {
    expect(differentiate(random(4), labelled(1, 1, 1, 1, 1, 1)).every((value) => Math.abs(value) === 0)).toBe(true);
    expect(differentiate(random(4), labelled(0, 1, 2, 3, 4, 5)).every((value) => Math.abs(value) === 0)).toBe(true);
  });
});

test('refuses labels that do not fit and margins below 0', () => {
  expect(refusalOf(() => minedTripletLoss(random(1), labelled(0, 1)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => minedTripletLoss(random(1, 2), labelled(0, 1), { margin: -1 }))).toBe('INVALID_OPTION');
});
