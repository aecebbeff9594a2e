import { cpu, tf } from '@unlabel/core';
import { gradientsOf, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { orderStatistics } from './orderStatistics';

beforeAll(async () => {
  await cpu().open();
});

test('sorts each column, and sends gradients to where its samples came from', () => {
  const samples = tf.tensor2d([
    [3, 10],
    [1, 30],
    [2, 20],
  ]);
  const weights = tf.tensor2d([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(orderStatistics(samples).arraySync()).toEqual([
    [1, 2, 3],
    [10, 20, 30],
  ]);
  const gradient = gradientsOf(() => tf.sum(tf.mul(orderStatistics(samples), weights)), { samples });
  expect(gradient).toEqual([3, 4, 1, 6, 2, 5]);
});

test('sorts as JavaScript does, for any numbers of views, samples and columns', () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 4 }),
  );
  const numbers = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 108, maxLength: 108 });
  fc.assert(
    fc.property(sizes, numbers, ([views, count, columns], values) => {
      const samples = tf.tensor3d(values.slice(0, views * count * columns), [views, count, columns]);
      const ordered = tf.unstack(tf.reshape(orderStatistics(samples), [-1, count]));
      const expected = tf.unstack(tf.reshape(tf.transpose(samples, [0, 2, 1]), [-1, count]));
      for (const [row, column] of ordered.entries()) {
        expect([...column.dataSync()]).toEqual([...(expected[row]?.dataSync() ?? [])].sort((a, b) => a - b));
      }
    }),
  );
});

test('gives every one of equal samples a gradient of its own', () => {
  const samples = tf.zeros([4, 1]);
  const gradient = gradientsOf(() => tf.sum(tf.mul(orderStatistics(samples), [[1, 2, 3, 4]])), { samples });
  expect([...gradient].sort()).toEqual([1, 2, 3, 4]);
});

test('refuses a single row of numbers', () => {
  expect(refusalOf(() => orderStatistics(tf.zeros([4])))).toBe('SHAPE_MISMATCH');
});
