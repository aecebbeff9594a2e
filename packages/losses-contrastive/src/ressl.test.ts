import { cpu, normaliseRows, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, keptByTeacher, linearEncoder, stepOf } from './methodFixture';
import { type ResslOptions, ressl, resslLoss } from './ressl';
import { resslGolden } from './ressl.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  resslGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);

test('is the cross-entropy of two relations, each at its temperature', () => {
  const [q, k] = [tf.tensor2d([[0.6, 0.8]]), tf.tensor2d([[1, 0]])];
  const queue = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]);
  const share = 1 / (1 + Math.exp(-1 / 0.5)); // the teacher's, of the first sample
  const surprise = (own: number, other: number) => Math.log(1 + Math.exp(other - own));
  const expected = share * surprise(0.6, 0.8) + (1 - share) * surprise(0.8, 0.6);
  expect(numberOf(resslLoss(q, k, queue, { studentTemperature: 1, teacherTemperature: 0.5 }))).toBeCloseTo(expected, 6);
  expect(
    numberOf(resslLoss(q, k, queue, { studentTemperature: tf.scalar(1), teacherTemperature: tf.scalar(0.5) })),
  ).toBeCloseTo(expected, 6);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, resslGolden));
});

test('has the gradient that differences of its values have, in the student alone', () => {
  const [q, k, queue] = [1, 2, 3].map((seed) => normaliseRows(random(seed)));
  expectGradients((z) => resslLoss(z, random(2), random(3)), [random(1)]);
  if (!q || !k || !queue) throw new Error('There are three.');
  const stopped = gradientsOf(() => resslLoss(q, k, queue), { k, queue });
  expect(stopped.every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of samples, nor on that of the queue', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), (seed) => {
      const [q, k, queue] = [random(seed), random(seed + 1), random(seed + 2, 9)];
      const loss = numberOf(resslLoss(q, k, queue));
      const turned = resslLoss(tf.reverse(q, 0), tf.reverse(k, 0), tf.reverse(queue, 0));
      expect(numberOf(turned) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('is least where the student has the relation of the teacher', () => {
  const [k, queue] = [normaliseRows(random(1)), normaliseRows(random(2, 9))];
  const same = { studentTemperature: 0.1, teacherTemperature: 0.1 };
  const least = numberOf(resslLoss(k, k, queue, same));
  expect(Math.max(...gradientsOf(() => resslLoss(k, k, queue, same), { q: k }).map(Math.abs))).toBeLessThan(1e-6);
  expect(numberOf(resslLoss(normaliseRows(random(3)), k, queue, same))).toBeGreaterThan(least);
});

describe('stays finite, with finite gradients,', () => {
  const differentiate = (q: tf.Tensor2D, k: tf.Tensor2D, queue: tf.Tensor2D, temperature: number) => {
    const options = { studentTemperature: temperature, teacherTemperature: temperature };
    const loss = () => resslLoss(q, k, queue, options);
    return [numberOf(loss()), ...gradientsOf(loss, { q })];
  };

  test('at log K when the queue holds one sample K times', () => {
    const [loss = 0, ...gradients] = differentiate(random(1), random(2), tf.tile(random(3, 1), [9, 1]), 0.1);
    expect(loss).toBeCloseTo(Math.log(9), 4);
    expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-4);
  });

  test.each([1e-6, 1e6])('at temperature %d, for zeros and for a batch of one', (temperature) => {
    for (const [q, k] of [
      [random(4), random(5)],
      [tf.zeros<tf.Rank.R2>([6, 5]), random(5)],
      [random(6, 1), random(7, 1)],
    ] as const) {
      expect(differentiate(q, k, random(8, 9), temperature).every(Number.isFinite)).toBe(true);
    }
  });
});

test('refuses shapes that do not fit and temperatures that are not positive', () => {
  expect(refusalOf(() => resslLoss(random(1), random(2, 5), random(3)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => resslLoss(random(1), random(2), random(3, 9, 4)))).toBe('SHAPE_MISMATCH');
  for (const name of ['studentTemperature', 'teacherTemperature']) {
    expect(refusalOf(() => resslLoss(random(1), random(2), random(3), { [name]: 0 }))).toBe('INVALID_OPTION');
  }
});

describe('the method', () => {
  const small: ResslOptions = { queueSize: 9, projector: [7, 3], momentum: 0.75 };
  const matrix = (x: tf.Tensor | undefined, rows: number): tf.Tensor2D => tf.reshape(x ?? tf.zeros([0]), [rows, 3]);

  test('shows view 0 to the teacher and view 1 to the student, on the queue as it was', () => {
    const [weak, strong] = [inputView(1), inputView(2)];
    const state = firstState(ressl(small));
    const { loss, projection, updates } = stepOf(ressl(small), [weak, strong], state);
    const keys = tf.slice2d(matrix(updates['queue/rows'], 9), [0, 0], [4, 3]);
    const rows = matrix(state['queue/rows'], 9);
    expect(numberOf(loss)).toBeCloseTo(numberOf(resslLoss(normaliseRows(projection), keys, rows)), 5);
    const turned = stepOf(ressl(small), [strong, weak], state); // teacher and student are alike at first
    const turnedKeys = tf.slice2d(matrix(turned.updates['queue/rows'], 9), [0, 0], [4, 3]);
    const difference = tf.max(tf.abs(tf.sub(normaliseRows(turned.projection), keys)));
    expect(numberOf(difference)).toBeLessThan(1e-5);
    expect(numberOf(tf.max(tf.abs(tf.sub(turnedKeys, keys))))).toBeGreaterThan(0.1);
  });

  test('passes its temperatures on and moves its teacher', () => {
    const views = [inputView(1), inputView(2)];
    const lossWith = (options: ResslOptions) => {
      const objective = ressl({ ...small, ...options });
      return numberOf(stepOf(objective, views, firstState(objective)).loss);
    };
    expect(new Set([lossWith({}), lossWith({ studentTemperature: 1 }), lossWith({ teacherTemperature: 1 })]).size).toBe(
      3,
    );
    for (const share of keptByTeacher(ressl(small))) expect(share).toBeCloseTo(0.75, 5);
    expect(ressl().bind(linearEncoder).variables['queue/rows']?.shape).toEqual([131072, 512]);
  });
});
