import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { updatedCenter } from './centring';
import { dinoLoss } from './dino';
import { dinoGolden } from './dino.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  dinoGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 4, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const plain = { studentTemperature: 1, teacherTemperature: 1 };
const origin = () => tf.zeros([1, 5]);
const student = () => [random(1), random(2), random(3)];
const teacher = () => [random(4), random(5)];

/** Teacher's shares ¾ and ¼, student's ¼ and ¾. */
const opposed = { teacher: () => tf.tensor2d([[Math.log(3), 0]]), student: () => tf.tensor2d([[0, Math.log(3)]]) };

test('is the cross-entropy of the student’s shares with the teacher’s, of another view', () => {
  const same = tf.zeros<tf.Rank.R2>([1, 2]); // the teacher's own view does not count
  const loss = dinoLoss([same, opposed.student()], [opposed.teacher()], tf.zeros([1, 2]), plain);
  expect(numberOf(loss)).toBeCloseTo(-0.75 * Math.log(0.25) - 0.25 * Math.log(0.75), 5);
});

test('takes the centre off the teacher, and then sharpens it', () => {
  const views = [opposed.student(), opposed.student()];
  const uniform = -0.5 * Math.log(0.25) - 0.5 * Math.log(0.75);
  expect(numberOf(dinoLoss(views, [opposed.teacher()], opposed.teacher(), plain))).toBeCloseTo(uniform, 5);
  const sharp = dinoLoss(views, [opposed.teacher()], tf.zeros([1, 2]), {
    studentTemperature: 1,
    teacherTemperature: 0.01,
  });
  expect(numberOf(sharp)).toBeCloseTo(-Math.log(0.25), 5);
});

test('shares the prototypes out among teachers that all want one, with Sinkhorn–Knopp', () => {
  const alike = tf.tile(opposed.teacher(), [4, 1]);
  const loss = dinoLoss([tf.tile(opposed.student(), [4, 1]), tf.zeros([4, 2])], [alike, alike], 'sinkhorn', plain);
  const uniform = -0.5 * Math.log(0.25) - 0.5 * Math.log(0.75);
  expect(numberOf(loss)).toBeCloseTo((uniform + Math.LN2) / 2, 5);
});

test('the centre is a running mean of the rows that count', () => {
  const rows = tf.tensor2d([
    [1, 2],
    [3, 6],
    [8, 1],
  ]);
  const center = tf.tensor2d([[10, 10]]);
  const moved = (options = {}) => [...updatedCenter(center, rows, options).dataSync()];
  expect(moved()).toEqual([expect.closeTo(9.4, 5), expect.closeTo(9.3, 5)]);
  expect(moved({ momentum: 0.5, rowWeights: tf.tensor1d([1, 1, 0]) })).toEqual([
    expect.closeTo(6, 5),
    expect.closeTo(7, 5),
  ]);
  expect(moved({ momentum: 1 })).toEqual([10, 10]);
});

describe('agrees with the reference', () => {
  test('in four golden files and more', () => expect(files.length).toBeGreaterThanOrEqual(4));
  test.each(files)('$name', (file) => assertGolden(file, dinoGolden));
});

test('has the gradient that differences of its values have, and none for the teacher or the centre', () => {
  const soft = { studentTemperature: 0.5, teacherTemperature: 0.5 };
  expectGradients((...views) => dinoLoss(views, teacher(), origin(), soft), student());
  const [t, center] = [random(4), random(5, 1)];
  const gradients = gradientsOf(() => dinoLoss(student(), [t], center), { t, center });
  expect(gradients.every((value) => value === 0)).toBe(true);
});

test('does not depend on the order of samples, the order of local crops or a shift of logits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -20, max: 20 }), (seed, shift) => {
      const [s, t] = [[0, 1, 2, 3].map((view) => random(seed + view)), [random(seed + 4), random(seed + 5)]];
      const center = random(seed + 6, 1);
      const loss = numberOf(dinoLoss(s, t, center));
      const same = (views: readonly tf.Tensor2D[], targets: readonly tf.Tensor2D[]) =>
        expect(Math.abs(numberOf(dinoLoss(views, targets, center)) - loss)).toBeLessThan(2e-4 * loss);
      const reversed = (views: readonly tf.Tensor2D[]) => views.map((view) => tf.reverse(view, 0));
      const shifted = (views: readonly tf.Tensor2D[]) => views.map((view): tf.Tensor2D => tf.add(view, shift));
      same(reversed(s), reversed(t));
      same([...s.slice(0, 2), ...s.slice(2).reverse()], t);
      same(shifted(s), shifted(t));
    }),
    { numRuns: 10 },
  );
});

describe('is finite, as is its gradient', () => {
  const finite = (s: readonly tf.Tensor2D[], center: tf.Tensor | 'sinkhorn' = origin()) => {
    const named = Object.fromEntries(s.entries());
    return gradientsOf(() => dinoLoss(s, s.slice(0, 2), center), named).every(Number.isFinite);
  };

  test('when all logits are equal', () => expect(finite([tf.zeros([4, 5]), tf.zeros([4, 5])])).toBe(true));
  test('for logits of 1e6', () => expect(finite(student().map((s) => tf.mul(s, 1e6)))).toBe(true));
  test('for a batch of one', () => expect(finite([random(1, 1), random(2, 1)], 'sinkhorn')).toBe(true));
});

describe('refuses', () => {
  test('logits of different shapes', () => {
    expect(refusalOf(() => dinoLoss([random(1), random(2, 4, 6)], teacher(), origin()))).toBe('SHAPE_MISMATCH');
    expect(refusalOf(() => dinoLoss(student(), [random(1, 3)], origin()))).toBe('SHAPE_MISMATCH');
  });

  test('a single view, no teacher, or more views of the teacher than of the student', () => {
    expect(refusalOf(() => dinoLoss([random(1)], [random(2)], origin()))).toBe('SHAPE_MISMATCH');
    expect(refusalOf(() => dinoLoss(student(), [], origin()))).toBe('SHAPE_MISMATCH');
    expect(refusalOf(() => dinoLoss(student().slice(1), student(), origin()))).toBe('SHAPE_MISMATCH');
  });

  test('temperatures that are not above 0', () => {
    expect(refusalOf(() => dinoLoss(student(), teacher(), origin(), { studentTemperature: 0 }))).toBe('INVALID_OPTION');
    expect(refusalOf(() => dinoLoss(student(), teacher(), origin(), { teacherTemperature: -1 }))).toBe(
      'INVALID_OPTION',
    );
  });
});
