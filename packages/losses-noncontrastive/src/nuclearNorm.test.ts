import { cpu, tf } from '@unlabel/core';
import { expectGradients, gradientsOf, numberOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { nuclearNorm } from './nuclearNorm';

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, shape: [number, number, number]) =>
  tf.randomNormal<tf.Rank.R3>(shape, 0, 1, 'float32', seed);

test('adds up singular values worked out by hand, of each matrix by itself', () => {
  const z = tf.tensor3d([3, 0, 0, -4, 1, 1, 1, 1], [2, 2, 2]); // 3 and 4; 2 and 0
  const [first, second] = nuclearNorm(z).dataSync();
  expect(first).toBeCloseTo(7, 5);
  expect(second).toBeCloseTo(2, 5);
  expect(nuclearNorm(tf.zeros([1, 3, 5])).dataSync()[0]).toBe(0);
});

test('is the trace of a positive matrix, at least the Frobenius norm, and the same for the transpose', () => {
  const extent = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(extent, extent, fc.integer({ min: 1, max: 1000 }), (rows, columns, seed) => {
      const z = random(seed, [1, rows, columns]);
      const norm = numberOf(nuclearNorm(z));
      expect(norm).toBeGreaterThanOrEqual(numberOf(tf.sqrt(tf.sum(tf.square(z)))) * (1 - 1e-5));
      expect(numberOf(nuclearNorm(tf.transpose(z, [0, 2, 1])))).toBeCloseTo(norm, 3);
      const gram: tf.Tensor3D = tf.matMul(z, z, true);
      expect(numberOf(nuclearNorm(gram)) / numberOf(tf.sum(tf.square(z)))).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('has singular values over four decades right to 1e-5', () => {
  const diagonal = Array.from({ length: 32 }, (_, at) => 10 ** ((-4 * at) / 31));
  const [left, right] = [reflection(1), reflection(2)];
  const z = tf.matMul(tf.matMul(left, tf.diag(tf.tensor1d(diagonal))), right);
  const expected = diagonal.reduce((sum, value) => sum + value, 0);
  expect(numberOf(nuclearNorm(tf.expandDims(z, 0))) / expected).toBeCloseTo(1, 5);
});

test('has the gradient that differences of its values have, tall or wide', () => {
  expectGradients((z) => tf.sum(tf.square(nuclearNorm(z))), [random(1, [2, 3, 6])]);
  expectGradients((z) => tf.sum(tf.square(nuclearNorm(z))), [random(2, [2, 6, 3])]);
});

test('has a finite gradient of length at most √rank where singular values are 0', () => {
  const rankOne: tf.Tensor3D = tf.mul(random(3, [1, 8, 1]), random(4, [1, 1, 6]));
  for (const z of [tf.zeros<tf.Rank.R3>([1, 8, 6]), tf.ones<tf.Rank.R3>([1, 8, 6]), rankOne]) {
    const gradient = gradientsOf(() => tf.sum(nuclearNorm(z)), { z });
    expect(Math.hypot(...gradient)).toBeLessThan(Math.sqrt(6) + 1e-3);
  }
});

/** I − 2 v vᵀ/vᵀv, orthogonal. */
function reflection(seed: number): tf.Tensor2D {
  const v = tf.randomNormal<tf.Rank.R2>([32, 1], 0, 1, 'float32', seed);
  return tf.sub(tf.eye(32), tf.div(tf.mul(2, tf.matMul(v, v, false, true)), tf.sum(tf.square(v))));
}
