import { cpu, type Encoder, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { infoNceLoss } from './infoNce';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';
import { type SimCseOptions, simCse, simCseLoss } from './simCse';
import { simCseGolden } from './simCse.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  simCseGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const axes = () =>
  tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);

test('is log(1 + exp(−1/τ)) when pairs agree and the other is orthogonal', () => {
  expect(numberOf(simCseLoss(axes(), axes(), { temperature: 0.5 }))).toBeCloseTo(Math.log1p(Math.exp(-2)), 6);
  expect(numberOf(simCseLoss(axes(), axes()))).toBeCloseTo(Math.log1p(Math.exp(-20)), 6);
});

test('adds hard negatives to the sum, and weighs a sample’s own', () => {
  const hardNegatives = tf.reverse(axes(), 0); // 0 with one’s own, 1 with the other’s
  const loss = (hardNegativeWeight?: number) =>
    numberOf(
      simCseLoss(axes(), axes(), { temperature: 1, hardNegatives, ...(hardNegativeWeight && { hardNegativeWeight }) }),
    );
  expect(loss()).toBeCloseTo(Math.log(Math.E + 1 + 1 + Math.E) - 1, 6);
  expect(loss(2)).toBeCloseTo(Math.log(Math.E + 1 + Math.exp(2) + Math.E) - 1, 6);
});

test('is InfoNCE without hard negatives, in one direction', () => {
  const [z0, z1] = [random(1), random(2)];
  expect(numberOf(simCseLoss(z0, z1))).toBeCloseTo(numberOf(infoNceLoss(z0, z1, { temperature: 0.05 })), 4);
  expect(Math.abs(numberOf(simCseLoss(z0, z1)) - numberOf(simCseLoss(z1, z0)))).toBeGreaterThan(1e-3);
});

describe('agrees with the reference', () => {
  test('in two golden files', () => expect(files.length).toBe(2));
  test.each(files)('$name', (file) => assertGolden(file, simCseGolden));
});

test('has the gradient that differences of its values have, in hard negatives and a learned temperature, too', () => {
  const options = { temperature: 0.5, hardNegatives: random(3), hardNegativeWeight: 0.7 };
  expectGradients((z0, z1) => simCseLoss(z0, z1, options), [random(1), random(2)]);
  expectGradients((z) => simCseLoss(random(1), random(2), { ...options, hardNegatives: z }), [random(3)]);
  expectGradients((temperature) => simCseLoss(random(1), random(2), { ...options, temperature }), [tf.scalar(0.5)]);
});

test('does not depend on the order of samples or the length of rows', () => {
  assert(
    property(integer({ min: 1, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [z0, z1, hardNegatives] = [random(seed), random(seed + 1), random(seed + 2)];
      const loss = numberOf(simCseLoss(z0, z1, { hardNegatives, hardNegativeWeight: 1 }));
      const turned = (z: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.reverse(z, 0), 10 ** exponent);
      const options = { hardNegatives: turned(hardNegatives), hardNegativeWeight: 1 };
      expect(numberOf(simCseLoss(turned(z0), turned(z1), options))).toBeCloseTo(loss, 3);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for equal rows, zeros, a batch of one and extreme temperatures', () => {
  const differentiate = (z0: tf.Tensor2D, z1: tf.Tensor2D, temperature = 0.05) => {
    const loss = () => simCseLoss(z0, z1, { temperature, hardNegatives: z1 });
    return [numberOf(loss()), ...gradientsOf(loss, { z0, z1 })];
  };
  const same = tf.tile(random(1, 1), [6, 1]);
  expect(differentiate(same, same)[0]).toBeCloseTo(Math.log(12), 4);
  expect(differentiate(random(2, 1), random(3, 1)).every(Number.isFinite)).toBe(true);
  expect(differentiate(tf.zeros([6, 5]), random(4)).every(Number.isFinite)).toBe(true);
  for (const temperature of [1e-6, 1e6]) {
    expect(differentiate(random(5), random(6), temperature).every(Number.isFinite)).toBe(true);
  }
});

test('refuses shapes that do not fit and temperatures that are not positive', () => {
  const [z0, z1] = [random(1), random(2)];
  expect(refusalOf(() => simCseLoss(z0, random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => simCseLoss(z0, z1, { hardNegatives: random(3, 5) }))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => simCseLoss(z0, z1, { temperature: 0 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const views = (count: number) => [1, 2, 3].slice(0, count).map((seed) => inputView(seed));
  const step = (count: number, options: SimCseOptions = {}) =>
    stepOf(simCse(options), views(count), firstState(simCse(options)));

  test('encodes one view twice: only what the encoder draws tells the encodings apart', () => {
    const seen: number[][] = [];
    const spy: Encoder = {
      ...linearEncoder,
      apply: (input, context) => {
        seen.push(input.shape);
        return linearEncoder.apply(input, context);
      },
    };
    const bound = simCse().bind(spy);
    stepOf({ ...simCse(), bind: () => bound }, views(1), firstState(simCse()));
    expect(seen).toEqual([[8, 6]]);
  });

  test('takes entailed sentences as a second view, and hard negatives as a third', () => {
    const [one, two, three] = [step(1), step(2), step(3)].map(({ loss }) => numberOf(loss));
    expect(two).not.toBeCloseTo(one ?? 0, 3);
    expect(three).toBeGreaterThan(two ?? 0);
    expect(numberOf(step(3, { hardNegativeWeight: 3 }).loss)).toBeGreaterThan(three ?? 0);
    expect(numberOf(step(2, { temperature: 1 }).loss)).not.toBeCloseTo(two ?? 0, 2);
  });

  test('ends in tanh, as wide as the encoder unless told otherwise', () => {
    const { projection } = step(2);
    expect(projection.shape).toEqual([4, 5]);
    expect(numberOf(tf.max(tf.abs(projection)))).toBeLessThanOrEqual(1);
    expect(step(2, { projector: [7, 3] }).projection.shape).toEqual([4, 3]);
  });
});
