import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { bhep, comb, henzeVisagie, henzeZirkler } from './multivariate';
import { multivariateGolden } from './multivariate.golden';
import { multivariateTests } from './normalityTests';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  multivariateGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 8, dim = 3) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);

/** Rotates the first two dimensions of three. */
function rotated(z: tf.Tensor, angle: number): tf.Tensor {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return tf.matMul(
    z,
    tf.tensor2d([
      [cos, -sin, 0],
      [sin, cos, 0],
      [0, 0, 1],
    ]),
  );
}

describe('of one sample at the origin of a line', () => {
  const origin = () => tf.zeros([1, 1]);

  test('BHEP is 1 − 2/√(1 + β²) + 1/√(1 + 2β²)', () => {
    expect(numberOf(bhep(origin()))).toBeCloseTo(1 - Math.SQRT2 + 1 / Math.sqrt(3), 6);
    expect(numberOf(bhep(origin(), { beta: 2 }))).toBeCloseTo(1 - 2 / Math.sqrt(5) + 1 / 3, 6);
    const beta = Math.SQRT1_2 * (3 / 4) ** (1 / 5);
    expect(numberOf(henzeZirkler(origin()))).toBeCloseTo(numberOf(bhep(origin(), { beta })), 6);
  });

  test('COMB is 0, since a point has no spread to see, and HV is 1/2γ', () => {
    expect(numberOf(comb(origin()))).toBe(0);
    expect(numberOf(henzeVisagie(origin(), { gamma: 3 }))).toBeCloseTo(1 / 6, 6);
  });
});

describe('agrees with the reference', () => {
  test('in four golden files', () => expect(files.length).toBe(4));
  test.each(files)('$name', (file) => assertGolden(file, multivariateGolden));
});

test('BHEP is as exact near 0 as elsewhere: of a narrow kernel, against doubles', () => {
  const [z, beta] = [random(1), 0.03];
  const rows = z.arraySync();
  const squared = (a: readonly number[], b: readonly number[] = [0, 0, 0]) =>
    a.reduce((sum, value, at) => sum + (value - (b[at] ?? 0)) ** 2, 0);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const pairs = mean(rows.flatMap((a) => rows.map((b) => Math.exp((-(beta ** 2) * squared(a, b)) / 2))));
  const singles = mean(rows.map((a) => Math.exp((-(beta ** 2) * squared(a)) / (2 * (1 + beta ** 2)))));
  const expected = pairs - 2 * (1 + beta ** 2) ** -1.5 * singles + (1 + 2 * beta ** 2) ** -1.5;
  expect(Math.abs(numberOf(bhep(z, { beta })) / expected - 1)).toBeLessThan(1e-3);
});

describe.each(Object.entries(multivariateTests))('%s', (_, statistic) => {
  test('has the gradient that differences of its values have', () => {
    expectGradients((z) => tf.reshape<tf.Rank.R0>(statistic(z), []), [tf.mul(0.7, random(2))], { step: 3e-3 });
  });

  test('tests batches one by one, and sees neither the order of samples nor a rotation', () => {
    const turns = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.nat(1000), turns, (seed, angle) => {
        const z = random(seed);
        const batches = tf.stack<tf.Tensor>([z, tf.reverse(z, 0), rotated(z, angle), tf.mul(0.5, z)]);
        const [value = 0, reversed, turned, other] = statistic(batches).dataSync();
        const digits = 3 - Math.ceil(Math.log10(1 + Math.abs(value)));
        expect(reversed).toBeCloseTo(value, digits);
        expect(turned).toBeCloseTo(value, digits);
        expect(other).toBeCloseTo(numberOf(statistic(tf.mul(0.5, z))), digits);
      }),
      { numRuns: 30 },
    );
  });

  test('has finite gradients for collapsed batches and for a single sample', () => {
    for (const z of [tf.zeros([6, 3]), tf.tile(random(3, 1), [6, 1]), random(4, 1)]) {
      expect(gradientsOf(() => tf.reshape(statistic(z), []), { z }).every(Number.isFinite)).toBe(true);
    }
  });

  test('refuses a single row of numbers', () => {
    expect(refusalOf(() => statistic(tf.zeros([4])))).toBe('SHAPE_MISMATCH');
  });
});

test('BHEP and Henze–Zirkler are least for normal batches', () => {
  const z = random(5, 200);
  for (const statistic of [bhep, henzeZirkler]) {
    const normal = numberOf(statistic(z));
    for (const other of [tf.mul(z, 2), tf.mul(z, 0.3), tf.add(z, 1), tf.sign(z), tf.zeros([200, 3])]) {
      expect(numberOf(statistic(other))).toBeGreaterThan(2 * normal);
    }
  }
});

test('refuses widths that are not above 0', () => {
  expect(refusalOf(() => bhep(random(1), { beta: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => comb(random(1), { gamma: -1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => henzeVisagie(random(1), { gamma: 0 }))).toBe('INVALID_OPTION');
});
