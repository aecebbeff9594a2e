import { beforeAll, expect, test } from 'vitest';
import { cpu } from '../backends/cpu';
import { tf } from '../tf';
import { logSumExp } from './logSumExp';
import { normaliseRows } from './normaliseRows';

beforeAll(async () => {
  await cpu().open();
});

const values = (x: tf.Tensor) => [...x.dataSync()];

test('gives each row the norm 1, whatever it had', () => {
  const unit = normaliseRows(
    tf.tensor2d([
      [3, 4],
      [-6e-9, 8e-9],
      [3e8, 4e8],
    ]),
  );
  const expected = [0.6, 0.8, -0.6, 0.8, 0.6, 0.8];
  for (const [at, value] of values(unit).entries()) expect(value).toBeCloseTo(expected[at] ?? Number.NaN, 6);
});

test('normalises the last axis of any rank', () => {
  const z = tf.tensor3d([[[3, 4]], [[5, 12]]]);
  const unit: tf.Tensor3D = normaliseRows(z);
  expect(unit.shape).toEqual([2, 1, 2]);
  expect(values(tf.norm(unit, 'euclidean', -1)).every((norm) => Math.abs(norm - 1) < 1e-6)).toBe(true);
});

test('a row of zeros stays so, and its gradient is 0', () => {
  const z = tf.tensor2d([
    [0, 0],
    [3, 4],
  ]);
  expect(values(normaliseRows(z)).slice(0, 2)).toEqual([0, 0]);
  const gradient = values(tf.grad((given) => tf.sum(normaliseRows(given), [0, 1]))(z));
  expect(gradient.slice(0, 2).map(Math.abs)).toEqual([0, 0]);
  expect(gradient[2]).toBeCloseTo((0.8 * 0.2) / 5, 6); // (1 − ẑẑᵀ)1/‖z‖
  expect(gradient[3]).toBeCloseTo((-0.6 * 0.2) / 5, 6);
});

test('sums exponentials that would overflow', () => {
  const scores = tf.tensor2d([
    [1000, 1000],
    [-1000, -1001],
  ]);
  const [large = 0, small = 0] = values(logSumExp(scores));
  expect(large).toBeCloseTo(1000 + Math.log(2), 3);
  expect(small).toBeCloseTo(-1000 + Math.log(1 + Math.exp(-1)), 3);
});

test('log Σ exp has the softmax as its gradient', () => {
  const scores = tf.tensor2d([
    [0.3, -1.2, 2],
    [0, 100, 100],
  ]);
  const gradient = tf.grad((given) => tf.sum(logSumExp(tf.reshape(given, [2, 3]))))(scores);
  const difference = tf.max(tf.abs(tf.sub(gradient, tf.softmax(scores))));
  expect(difference.dataSync()[0]).toBeLessThan(1e-6);
});
