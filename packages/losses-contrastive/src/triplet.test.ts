import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';
import { oneNegativeNtXentLoss, type TripletOptions, triplet, tripletLoss } from './triplet';
import { tripletGolden } from './triplet.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  tripletGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const rows = (...values: [number, number][]) => tf.tensor2d(values);

test('pays by how much the negative is nearer than the positive and the margin', () => {
  const [a, p, n] = [rows([0, 0], [0, 0]), rows([3, 4], [0, 1]), rows([0, 5.5], [0, 9])]; // 5 and 5.5; 1 and 9
  expect(numberOf(tripletLoss(a, p, n))).toBeCloseTo(0.25, 5); // the second triplet is apart already
  expect(numberOf(tripletLoss(a, p, n, { margin: 10 }))).toBeCloseTo((9.5 + 2) / 2, 5);
  expect(numberOf(tripletLoss(a, p, n, { p: 1, margin: 0 }))).toBeCloseTo((7 - 5.5) / 2, 5);
  expect(numberOf(tripletLoss(a, p, n, { swap: true }))).toBeCloseTo((1 + 5 - Math.hypot(3, 1.5)) / 2, 5);
});

test('has a cosine distance', () => {
  const [a, p, n] = [rows([2, 0]), rows([0, 3]), rows([5, 0])];
  expect(numberOf(tripletLoss(a, p, n, { distance: 'cosine' }))).toBeCloseTo(2, 6);
  expect(numberOf(tripletLoss(a, n, p, { distance: 'cosine', margin: 1.5 }))).toBeCloseTo(0.5, 6);
});

test('is NT-Xent’s limit when that has one negative: times τ, for τ → 0', () => {
  const [a, p, n] = [random(1, 32), random(2, 32), random(3, 32)];
  const hinge = numberOf(tripletLoss(a, p, n, { distance: 'cosine', margin: 0 }));
  const gapAt = (temperature: number) =>
    Math.abs(temperature * numberOf(oneNegativeNtXentLoss(a, p, n, { temperature })) - hinge);
  expect(gapAt(1e-3)).toBeLessThan(1e-3);
  expect(gapAt(0.01)).toBeLessThan(gapAt(0.1));
  expect(gapAt(0.1)).toBeLessThan(gapAt(0.5));
});

test('NT-Xent with one negative is log(1 + exp((a·n − a·p)/τ))', () => {
  const [a, p, n] = [rows([2, 0]), rows([3, 0]), rows([0, 5])];
  expect(numberOf(oneNegativeNtXentLoss(a, p, n))).toBeCloseTo(Math.log1p(Math.exp(-2)), 6);
  expect(numberOf(oneNegativeNtXentLoss(a, n, p, { temperature: 0.25 }))).toBeCloseTo(Math.log1p(Math.exp(4)), 5);
});

describe('agrees with the reference', () => {
  test('in four golden files', () => expect(files.length).toBe(4));
  test.each(files)('$name', (file) => assertGolden(file, tripletGolden));
});

test('has the gradient that differences of its values have', () => {
  const inputs = [random(1), random(2), random(3)];
  const all = { margin: 9 }; // no triplet is at the kink
  expectGradients((a, p, n) => tripletLoss(a, p, n, all), inputs);
  expectGradients((a, p, n) => tripletLoss(a, p, n, { ...all, p: 3 }), inputs);
  expectGradients((a, p, n) => tripletLoss(a, p, n, { ...all, distance: 'cosine' }), inputs);
  expectGradients((a, p, n) => oneNegativeNtXentLoss(a, p, n), inputs);
});

test('does not depend on the order of samples; cosines not on the length of rows', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [a, p, n] = [random(seed), random(seed + 1), random(seed + 2)];
      const turned = (z: tf.Tensor2D): tf.Tensor2D => tf.reverse(z, 0);
      const scaled = (z: tf.Tensor2D): tf.Tensor2D => tf.mul(z, 10 ** exponent);
      for (const distance of ['euclidean', 'cosine'] as const) {
        const loss = numberOf(tripletLoss(a, p, n, { distance }));
        expect(numberOf(tripletLoss(turned(a), turned(p), turned(n), { distance }))).toBeCloseTo(loss, 4);
      }
      const cosine = numberOf(tripletLoss(a, p, n, { distance: 'cosine' }));
      expect(numberOf(tripletLoss(scaled(a), p, scaled(n), { distance: 'cosine' }))).toBeCloseTo(cosine, 4);
      expect(numberOf(oneNegativeNtXentLoss(scaled(a), p, n))).toBeCloseTo(numberOf(oneNegativeNtXentLoss(a, p, n)), 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for equal rows, zeros, one sample, huge rows and extreme temperatures', () => {
  const differentiate = (lossOf: typeof tripletLoss, a: tf.Tensor2D, p: tf.Tensor2D, n: tf.Tensor2D) => {
    const loss = () => lossOf(a, p, n);
    return [numberOf(loss()), ...gradientsOf(loss, { a, p, n })];
  };
  const cases = [random(1), random(1, 1), tf.zeros<tf.Rank.R2>([6, 5]), tf.mul<tf.Tensor2D>(random(1), 1e8)];
  const losses: (typeof tripletLoss)[] = [
    tripletLoss,
    (a, p, n) => tripletLoss(a, p, n, { p: 1 }),
    (a, p, n) => tripletLoss(a, p, n, { distance: 'cosine' }),
    (a, p, n) => oneNegativeNtXentLoss(a, p, n, { temperature: 1e-6 }),
    (a, p, n) => oneNegativeNtXentLoss(a, p, n, { temperature: 1e6 }),
  ];
  for (const lossOf of losses) {
    for (const z of cases) expect(differentiate(lossOf, z, z, z).every(Number.isFinite)).toBe(true);
    expect(differentiate(lossOf, random(1), tf.neg(random(1)), random(2)).every(Number.isFinite)).toBe(true);
  }
});

test('refuses shapes that do not fit, and options out of range', () => {
  const [a, p, n] = [random(1), random(2), random(3)];
  expect(refusalOf(() => tripletLoss(a, p, random(3, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => oneNegativeNtXentLoss(a, random(2, 6, 4), n))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => tripletLoss(a, p, n, { margin: -0.1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => tripletLoss(a, p, n, { p: 0.5 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => oneNegativeNtXentLoss(a, p, n, { temperature: 0 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const labels = () => tf.tensor1d([0, 0, 1, 1], 'int32');
  const step = (options: TripletOptions, tensors = {}) => {
    const method = triplet({ projector: [8, 3], ...options });
    return stepOf(method, [inputView(1), inputView(2)], firstState(method), tensors);
  };

  test('takes the views of a sample for its class, or labels if it is supervised', () => {
    expect(step({}).projection.shape).toEqual([4, 3]);
    const supervised = numberOf(step({ supervised: true }, { labels: labels() }).loss);
    expect(supervised).not.toBeCloseTo(numberOf(step({}).loss), 3);
    const ownClasses = tf.tensor1d([3, 1, 0, 2], 'int32');
    expect(numberOf(step({ supervised: true }, { labels: ownClasses }).loss)).toBeCloseTo(numberOf(step({}).loss), 5);
    expect(triplet({ supervised: true }).needs).toEqual(['labels']);
    expect(refusalOf(() => step({ supervised: true }))).toBe('LABELS_MISSING');
  });

  test('hands its mining and margin on, and has a projector to 128 dimensions', () => {
    const of = (options: TripletOptions) => numberOf(step(options).loss);
    expect(of({ mining: 'all' })).toBeLessThan(of({}));
    expect(of({ margin: 5 })).toBeCloseTo(of({ margin: 4 }) + 1, 4);
    const kernel = triplet().bind(linearEncoder).variables['projector/layers/1/dense/kernel'];
    expect(kernel?.shape).toEqual([5, 128]);
  });
});
