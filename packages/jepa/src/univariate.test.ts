import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { andersonDarling, cramerVonMises, watson } from './distributionDistances';
import { approximateLogCdf } from './lejepaForms.golden';
import { jarqueBera, moments, vcreg } from './moments';
import { normalQuantile } from './normalDistribution';
import { univariateTests } from './normalityTests';
import { orderLikelihood } from './orderLikelihood';
import { shapiroWilk } from './shapiroWilk';
import { univariateGolden } from './univariate.golden';
import { vasicek } from './vasicek';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  univariateGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const column = (...values: number[]) => tf.tensor2d(values, [values.length, 1]);
const random = (seed: number, rows = 12, columns = 3) =>
  tf.randomNormal<tf.Rank.R2>([rows, columns], 0, 1, 'float32', seed);

/** n numbers that lie where n standard normal ones are expected. */
const quantiles = (n: number) => column(...Array.from({ length: n }, (_, i) => normalQuantile((i + 0.5) / n)));

describe('by hand', () => {
  test('Cramér–von Mises and Watson of one number at 0 are 0, and far above it 1/4 and 0', () => {
    expect(numberOf(cramerVonMises(column(0)))).toBeCloseTo(0, 7);
    expect(numberOf(cramerVonMises(column(40)))).toBeCloseTo(0.25, 6);
    expect(numberOf(watson(column(40)))).toBeCloseTo(0, 6);
  });

  test('Anderson–Darling of one number at 0 is 2 log 2 − 1, and −30 costs 454.32', () => {
    expect(numberOf(andersonDarling(column(0)))).toBeCloseTo(2 * Math.LN2 - 1, 6);
    expect(numberOf(andersonDarling(column(-30)))).toBeCloseTo(454.321244 - 1, 3);
  });

  test('the order likelihood of one number is that of the normal density', () => {
    expect(numberOf(orderLikelihood(column(2)))).toBeCloseTo(2 + Math.log(Math.sqrt(2 * Math.PI)), 6);
  });

  test('vcreg counts mean 1 and variance 2 of two numbers as 1 + 1/2', () => {
    expect(numberOf(vcreg(column(0, 2)))).toBeCloseTo(1.5, 6);
  });

  test('Jarque–Bera of −1 and 1, of variance 2 and kurtosis 1/4, is 2/24 (1/4 − 3)² + 1/2', () => {
    expect(numberOf(jarqueBera(column(-1, 1)))).toBeCloseTo((2 / 24) * (1 / 4 - 3) ** 2 + 1 / 2, 5);
  });

  test('moments of 1 are off by 1, 0, 1 and −2', () => {
    const expected = 1 + 0 + 1 / 15 + 4 / 96;
    expect(numberOf(moments(column(1)))).toBeCloseTo(expected, 6);
    expect(numberOf(moments(column(1), { highest: 2 }))).toBeCloseTo(1, 6);
  });

  test('Shapiro–Wilk of a straight line through the origin is 0, and 1 + 1 − 1 of a constant', () => {
    expect(numberOf(shapiroWilk(column(1, -1)))).toBeCloseTo(0, 6);
    expect(numberOf(shapiroWilk(column(5, 5)))).toBeCloseTo(1, 6);
    expect(numberOf(shapiroWilk(column(1, 3), { scores: [1, 3] }))).toBeCloseTo(0, 6);
  });

  test('Vasicek of 0, 1, 2 has spacings of 1, 2 and 1, or of 1 and 1 to the right', () => {
    const normal = Math.log(2 * Math.PI * Math.E) / 2;
    expect(numberOf(vasicek(column(2, 0, 1), { spacing: 1 }))).toBeCloseTo(normal - (Math.log(1.5) + Math.LN2 / 3), 5);
    expect(numberOf(vasicek(column(2, 0, 1), { spacing: 1, sides: 'right' }))).toBeCloseTo(normal - Math.log(3), 5);
  });
});

test('Anderson–Darling takes another log Φ, as LeJEPA’s code has one beyond ±3', () => {
  const [near, far] = [column(-2.5, 0.3, 2.9), column(-4, 0.3, 2.9)];
  const approximate = (x: tf.Tensor) => numberOf(andersonDarling(x, { logCdf: approximateLogCdf }));
  expect(approximate(near)).toBe(numberOf(andersonDarling(near)));
  expect(numberOf(andersonDarling(far))).toBeCloseTo(3.9947316, 5);
  expect(approximate(far)).toBeCloseTo(3.9476638, 5);
});

describe('agrees with the reference', () => {
  test('in ten golden files', () => expect(files.length).toBe(10));
  test.each(files)('$name', (file) => assertGolden(file, univariateGolden));
});

describe.each(Object.entries(univariateTests))('%s', (_, statistic) => {
  const loss = (x: tf.Tensor) => tf.mean<tf.Scalar>(statistic(x));

  test('is less for quantiles of N(0, 1) than for two peaks with their mean and variance', () => {
    const x = quantiles(64);
    const peaks = tf.add(tf.sign(x), tf.mul(0.01, x));
    const normal = numberOf(statistic(x));
    if (statistic !== vcreg) expect(numberOf(statistic(peaks))).toBeGreaterThan(normal + 1e-3);
    if (statistic !== vasicek && statistic !== watson) {
      expect(numberOf(statistic(tf.add(x, 1)))).toBeGreaterThan(normal + 1e-3);
    }
    if (statistic !== vasicek && statistic !== shapiroWilk) {
      expect(numberOf(statistic(tf.mul(x, 2)))).toBeGreaterThan(normal + 1e-3);
    }
  });

  test('has the gradient that differences of its values have', () => {
    expectGradients(loss, [random(1)], { step: 1e-3, tolerance: 0.02 });
  });

  test('tests columns one by one, and does not depend on the order of samples', () => {
    const x = random(2);
    const columns = [...statistic(x).dataSync()];
    const stacked = [...statistic(tf.stack([x, tf.reverse(x, 0)])).dataSync()];
    for (const [at, value] of columns.entries()) {
      expect(numberOf(statistic(tf.slice(x, [0, at], [-1, 1])))).toBeCloseTo(value, 4);
      expect(stacked[at]).toBeCloseTo(value, 4);
      expect(stacked[at + 3]).toBeCloseTo(value, 4);
    }
  });

  test('is finite, with a finite gradient, for any sample, constant and far ones included', () => {
    const value = fc.oneof(fc.float({ min: -30, max: 30, noNaN: true }), fc.constantFrom(0, 1, -1e3, 1e3));
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 12 }), (values) => {
        const x = column(...values);
        expect(Number.isFinite(numberOf(loss(x)))).toBe(true);
        expect(gradientsOf(() => loss(x), { x }).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('refuses a single row of numbers', () => {
    expect(refusalOf(() => statistic(tf.zeros([4])))).toBe('SHAPE_MISMATCH');
  });
});

test.each([vcreg, jarqueBera, shapiroWilk, vasicek])('refuses one sample where spread is needed: %o', (statistic) => {
  expect(refusalOf(() => statistic(column(1)))).toBe('BATCH_TOO_SMALL');
});

test('tests that see no scale, or neither scale nor shift, see none', () => {
  const [x, y] = [random(3), tf.add(5, tf.mul(3, random(3)))];
  expect(numberOf(shapiroWilk(tf.mul(1e3, x)))).toBeCloseTo(numberOf(shapiroWilk(x)), 5);
  expect(numberOf(vasicek(y))).toBeCloseTo(numberOf(vasicek(x)), 4);
});

test('keeps its digits for many samples: Anderson–Darling of 4,096 quantiles', () => {
  const n = 4096;
  const expected = Array.from({ length: n }, (_, i) => (i + 0.5) / n)
    .map((p) => -2 * p * Math.log(p) - 2 * (1 - p) * Math.log(1 - p) - 1)
    .reduce((sum, term) => sum + term, 0);
  expect(Math.abs(numberOf(andersonDarling(quantiles(n))) - expected)).toBeLessThan(2e-3);
});

test('refuses options without meaning', () => {
  expect(refusalOf(() => vasicek(random(1), { spacing: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => vasicek(random(1), { spacing: 12 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => moments(random(1), { highest: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => shapiroWilk(random(1), { scores: [1, 2] }))).toBe('INVALID_OPTION');
});
