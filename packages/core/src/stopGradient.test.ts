import { beforeAll, expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { scaleGradient, stopGradient } from './stopGradient';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

const x = () => tf.tensor2d([[1, -2, 3]]);

test('what is stopped keeps its value and gets no gradient', () => {
  expect([...stopGradient(x()).dataSync()]).toEqual([1, -2, 3]);
  const gradient = tf.grad((given) => tf.sum(tf.mul(given, stopGradient(given))))(x());
  expect([...gradient.dataSync()]).toEqual([1, -2, 3]); // 2x without the stop
});

test('a scaled gradient leaves the value, too', () => {
  const squared = (scale: number | tf.Scalar) => (given: tf.Tensor) => tf.sum(tf.square(scaleGradient(given, scale)));
  expect([...scaleGradient(x(), 0).dataSync()]).toEqual([1, -2, 3]);
  expect([...tf.grad(squared(0))(x()).dataSync()].map(Math.abs)).toEqual([0, 0, 0]);
  expect([
    ...tf
      .grad(squared(tf.scalar(-0.5)))(x())
      .dataSync(),
  ]).toEqual([-1, 2, -3]);
});

test('a gradient may be scaled by what the same step computes', () => {
  const gradient = tf.grad((given) => tf.sum(scaleGradient(given, tf.mul(tf.scalar(2), 3))))(x());
  expect([...gradient.dataSync()]).toEqual([6, 6, 6]);
});
