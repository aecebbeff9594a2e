import { cpu, tf } from '@unlabel/core';
import { expectGradients } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { inverseCholesky, logDeterminant } from './cholesky';

beforeAll(async () => {
  await cpu().open();
});

/** AᵀA/rows + I/10 of a random A, `[count, dim, dim]`. */
function positiveDefinite(seed: number, dim: number, count = 2): tf.Tensor3D {
  const factors = tf.randomNormal<tf.Rank.R3>([count, 2 * dim, dim], 0, 1, 'float32', seed);
  return tf.add(tf.div(tf.matMul(factors, factors, true), 2 * dim), tf.mul(0.1, tf.eye(dim)));
}

const m = () => tf.tensor3d([4, 2, 2, 5], [1, 2, 2]); // L = [[2, 0], [1, 2]]

test('inverts the triangular factor of a matrix worked out by hand', () => {
  expect([...inverseCholesky(m()).dataSync()]).toEqual([0.5, 0, -0.25, 0.5]);
  expect(logDeterminant(m()).dataSync()[0]).toBeCloseTo(Math.log(16), 5);
});

test('is lower triangular and turns its matrix into I, whatever the size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 1000 }), (dim, seed) => {
      const matrices = positiveDefinite(seed, dim);
      const inverse = inverseCholesky(matrices);
      const product = tf.matMul(tf.matMul(inverse, matrices), inverse, false, true);
      expect(tf.max(tf.abs(tf.sub(product, tf.eye(dim)))).dataSync()[0]).toBeLessThan(2e-5);
      expect(tf.max(tf.abs(tf.sub(inverse, tf.linalg.bandPart(inverse, -1, 0)))).dataSync()[0]).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test('has the gradients that differences of its values have', () => {
  const weights = tf.randomNormal([2, 5, 5], 0, 1, 'float32', 3);
  const ofSymmetric = (m: tf.Tensor3D): tf.Tensor3D => tf.mul(0.5, tf.add(m, tf.transpose(m, [0, 2, 1])));
  expectGradients((m) => tf.sum(tf.mul(weights, inverseCholesky(ofSymmetric(m)))), [positiveDefinite(1, 5)]);
  expectGradients((m) => tf.sum(tf.square(logDeterminant(ofSymmetric(m)))), [positiveDefinite(2, 5)]);
});

test('is not finite where there is no factorisation', () => {
  const indefinite = tf.tensor3d([1, 2, 2, 1], [1, 2, 2]);
  expect([...inverseCholesky(indefinite).dataSync()].every(Number.isFinite)).toBe(false);
});
