import { cpu, tf } from '@unlabel/core';
import { expectGradients, gradientsOf, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { logNormalCdf, normalCdf, normalQuantile, normalScores } from './normalDistribution';

beforeAll(async () => {
  await cpu().open();
});

/** x, Φ(x) and log Φ(x), from tables in 15 digits. */
const table = [
  [-30, 4.90671392714819e-198, -454.321243956343],
  [-10, 7.61985302416047e-24, -53.2312851505125],
  [-5, 2.86651571879194e-7, -15.0649983939887],
  [-3, 0.00134989803163009, -6.60772622151035],
  [-1, 0.158655253931457, -1.84102164500926],
  [-0.1, 0.460172162722971, -0.776154595272702],
  [0, 0.5, -Math.LN2],
  [0.5, 0.691462461274013, -0.368946415288657],
  [2, 0.977249868051821, -0.0230129093289635],
  [5, 0.999999713348428, -2.86651613e-7],
] as const;

describe('agrees with tables', () => {
  test.each(table)('at %d', (x, probability, log) => {
    expect(normalCdf(tf.scalar(x)).dataSync()[0]).toBeCloseTo(probability, 6);
    expect(Math.abs((logNormalCdf(tf.scalar(x)).dataSync()[0] ?? 0) / log - 1)).toBeLessThan(2e-6);
  });

  test('of quantiles, in both tails', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.95996398454005, 12);
    expect(normalQuantile(1e-9)).toBeCloseTo(-5.99780701500769, 8);
    expect(normalQuantile(7.61985302416047e-24)).toBeCloseTo(-10, 10);
    expect(normalQuantile(0.5)).toBe(0);
  });
});

test('quantiles are where the distribution reaches their probability, and mirrored', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
      const x = normalQuantile(p);
      expect(normalCdf(tf.scalar(x)).dataSync()[0]).toBeCloseTo(p, 5);
      expect(normalQuantile(1 - p)).toBeCloseTo(-x, 6);
    }),
  );
});

test('scores ascend about 0, as Blom’s of five samples do', () => {
  const expected = [-1.17976, -0.4972, 0, 0.4972, 1.17976];
  for (const [i, score] of normalScores(5).entries()) expect(score).toBeCloseTo(expected[i] ?? Number.NaN, 4);
});

test('have the gradients that differences of their values have', () => {
  const x = tf.tensor1d([-9, -3.1, -2, -0.3, 0.01, 0.7, 2.5]);
  expectGradients((at) => tf.sum(logNormalCdf(at)), [x], { step: 1e-3 });
  expectGradients((at) => tf.sum(normalCdf(at)), [x], { step: 1e-3 });
});

test('have finite gradients where Φ is 0 or 1 in float32: there, −x and 0', () => {
  const x = tf.tensor1d([-1e4, -40, 40, 1e4]);
  const [farBelow = 0, below = 0, ...above] = gradientsOf(() => tf.sum(logNormalCdf(x)), { x });
  expect(farBelow).toBeCloseTo(1e4, 1);
  expect(below).toBeCloseTo(40.025, 3);
  expect(above).toEqual([0, 0]);
});

test('refuses quantiles of what is no probability', () => {
  for (const p of [0, 1, -0.1, Number.NaN]) expect(refusalOf(() => normalQuantile(p))).toBe('INVALID_OPTION');
});
