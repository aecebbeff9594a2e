import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { eppsPulley } from './eppsPulley';
import { testOf, type UnivariateTestName, univariateTests } from './normalityTests';
import { sigreg, sliceStatistics } from './sigreg';
import { sigregGolden } from './sigreg.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  sigregGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 8, columns = 5) =>
  tf.randomNormal<tf.Rank.R2>([rows, columns], 0, 1, 'float32', seed);

test('integrates |1 − e^{−t²/2}|² e^{−t²/2} for a sample at the origin', () => {
  const e = Math.exp(-0.5); // knots at 0 and 1: only 1 counts, with the trapezoid's half step doubled
  expect(numberOf(eppsPulley(tf.zeros([4, 1]), { knots: 2, reach: 1 }))).toBeCloseTo(4 * (1 - e) ** 2 * e, 6);
});

test('is small for a normal sample and grows with every kind of departure from it', () => {
  const quantiles = tf.tensor2d([-1.53, -0.89, -0.49, -0.16, 0.16, 0.49, 0.89, 1.53], [8, 1]);
  const normal = numberOf(eppsPulley(quantiles));
  const twoPeaks = tf.mul(tf.sign(quantiles), 1); // mean 0 and variance 1, as N(0, 1)
  const others = [tf.add(quantiles, 1), tf.mul(quantiles, 2), tf.mul(quantiles, 0.5), twoPeaks];
  expect(normal).toBeLessThan(0.02);
  for (const other of others) expect(numberOf(eppsPulley(other))).toBeGreaterThan(10 * normal);
});

describe('agrees with the reference', () => {
  test('in fourteen golden files', () => expect(files.length).toBe(14));
  test.each(files)('$name', (file) => assertGolden(file, sigregGolden));
});

test('has the gradient that differences of its values have', () => {
  const slices = random(3, 5, 7);
  expectGradients((z) => sigreg(z, slices), [random(1)]);
});

test('depends neither on the order of samples nor on the length of slices, and averages over views', () => {
  const [z0, z1, slices] = [random(1), random(2), random(3, 5, 7)];
  const loss = numberOf(sigreg(z0, slices));
  const order = tf.tensor1d([3, 0, 7, 5, 1, 6, 4, 2], 'int32');
  expect(numberOf(sigreg(tf.gather(z0, order), slices))).toBeCloseTo(loss, 5);
  expect(numberOf(sigreg(z0, tf.mul<tf.Tensor2D>(slices, 100)))).toBeCloseTo(loss, 5);
  expect(numberOf(sigreg(tf.neg(z0), slices))).toBeCloseTo(loss, 5);
  expect(numberOf(sigreg(tf.stack([z0, z1]), slices))).toBeCloseTo((loss + numberOf(sigreg(z1, slices))) / 2, 5);
});

test('comes nearer to the integral over all t with more knots and a wider reach', () => {
  const x = random(4, 16, 1);
  const rough = numberOf(eppsPulley(x, { knots: 9, reach: 5 }));
  const fine = numberOf(eppsPulley(x, { knots: 201, reach: 8 }));
  expect(Math.abs(rough - fine)).toBeLessThan(0.01 * fine);
  expect(numberOf(eppsPulley(x, { knots: 9, reach: 1 }))).toBeLessThan(0.9 * fine);
});

describe('has finite gradients', () => {
  const gradientOf = (z: tf.Tensor2D) => {
    const slices = random(5, z.shape[1], 6);
    return gradientsOf(() => sigreg(z, slices), { z });
  };

  test('of zero when everything has collapsed to the origin', () => {
    expect(gradientOf(tf.zeros([6, 5])).every((gradient) => gradient === 0)).toBe(true);
  });

  test('that part from each other collapsed samples away from it', () => {
    expect(Math.max(...gradientOf(tf.tile(random(6, 1), [6, 1])).map(Math.abs))).toBeGreaterThan(0.01);
  });

  test.each([1, 8])('for a batch of %d', (batch) => {
    expect(gradientOf(random(7, batch)).every(Number.isFinite)).toBe(true);
  });

  test.each([1e-8, 1e4])('for embeddings of scale %d', (scale) => {
    expect(gradientOf(tf.mul(random(8), scale)).every(Number.isFinite)).toBe(true);
  });
});

describe('with other tests', () => {
  const [z, slices] = [() => random(9), () => random(10, 5, 7)];

  test.each(Object.entries(univariateTests))('by the name %s, and as a function', (name, test) => {
    if (!isTestName(name)) throw new Error(`${name} is no name.`);
    const byName = numberOf(sigreg(z(), slices(), { test: name }));
    expect(numberOf(sigreg(z(), slices(), { test }))).toBe(byName);
    expect(numberOf(tf.mean(sliceStatistics(z(), slices(), { test: name })))).toBe(byName);
    expect(Number.isFinite(byName)).toBe(true);
  });

  test('of one’s own, which sees unit slices of every view', () => {
    const views = tf.stack([z(), tf.mul(2, z())]);
    const test = (samples: tf.Tensor) => tf.sum(tf.square(samples), -2);
    const [once = 0, twice = 0] = tf.unstack(sliceStatistics(views, slices(), { test }));
    expect(tf.div(twice, once).dataSync()).toEqual(new Float32Array(7).fill(4));
  });

  test('reads knots and reach for Epps–Pulley, named or not', () => {
    const coarse = { knots: 3, reach: 2 };
    const loss = numberOf(sigreg(z(), slices(), coarse));
    expect(numberOf(sigreg(z(), slices(), { ...coarse, test: 'epps-pulley' }))).toBe(loss);
    expect(numberOf(sigreg(z(), slices()))).not.toBe(loss);
  });

  test('refuses names that no test has', () => {
    expect(refusalOf(() => testOf<string>('toString', univariateTests))).toBe('INVALID_OPTION');
  });
});

test('refuses slices of another dimension, single numbers and options without meaning', () => {
  expect(refusalOf(() => sigreg(random(1), random(2, 4, 7)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => eppsPulley(tf.zeros([4])))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => eppsPulley(random(1), { knots: 1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => eppsPulley(random(1), { reach: 0 }))).toBe('INVALID_OPTION');
});

function isTestName(name: string): name is UnivariateTestName {
  return name in univariateTests;
}
