import { analyticGradient, cpu, tf } from '@unlabel/core';
import { beforeAll, expect, test } from 'vitest';
import { expectGradients } from './gradientCheck';
import { gradientsOf, numberOf, refusalOf } from './readings';

beforeAll(async () => {
  await cpu().open();
});

/** Σ x³ with a gradient of factor · 3x². */
function cubes(x: tf.Tensor, factor: number): tf.Scalar {
  return analyticGradient(
    [x],
    () => ({ value: tf.sum<tf.Scalar>(tf.pow(x, 3)), saved: [x] }),
    (dy, saved) => [tf.mul(dy, tf.mul(tf.square(saved), 3 * factor))],
  );
}

test('accepts a right gradient, refuses one that is off by 5 % and one that is not a number', () => {
  const x = tf.tensor1d([0.3, -1.2, 2, 0.7]);
  expectGradients((input) => cubes(input, 1), [x]);
  expect(() => expectGradients((input) => cubes(input, 1.05), [x])).toThrow('Input 0');
  expect(() => expectGradients((input) => cubes(input, Number.NaN), [x])).toThrow('Input 0');
  expect(() => expectGradients((a, b) => tf.add(cubes(a, 1), cubes(b, 0)), [x, tf.mul<tf.Tensor1D>(x, 2)])).toThrow(
    'Input 1',
  );
});

test('reads numbers, gradients and refusals', () => {
  const x = tf.tensor1d([1, 2]);
  expect(numberOf(tf.scalar(3))).toBe(3);
  expect(gradientsOf(() => cubes(x, 1), { x })).toEqual([3, 12]);
  expect(refusalOf(() => 1)).toBeUndefined();
  expect(() =>
    refusalOf(() => {
      throw new TypeError('other');
    }),
  ).toThrow(TypeError);
});
