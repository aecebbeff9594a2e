import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, keptByTeacher, linearEncoder, stepOf } from './methodFixture';
import { mocoV3, mocoV3Loss } from './mocoV3';
import { mocoV3Golden } from './mocoV3.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  mocoV3Golden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);
const four = (seed: number) => [random(seed), random(seed + 1), random(seed + 2), random(seed + 3)] as const;

test('is 4τ log(1 + exp(−1/τ)) when queries agree with the keys of the other view', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);
  expect(numberOf(mocoV3Loss(z, z, z, z, { temperature: 1 }))).toBeCloseTo(4 * Math.log(1 + Math.exp(-1)), 6);
  expect(numberOf(mocoV3Loss(z, z, z, z, { temperature: tf.scalar(0.5) }))).toBeCloseTo(
    2 * Math.log(1 + Math.exp(-2)),
    6,
  );
  expect(numberOf(mocoV3Loss(z, z, z, z))).toBeCloseTo(0.8 * Math.log(1 + Math.exp(-5)), 6);
});

describe('agrees with the reference', () => {
  test('in two golden files', () => expect(files.length).toBe(2));
  test.each(files)('$name', (file) => assertGolden(file, mocoV3Golden));
});

test('has the gradient that differences of its values have, in the queries alone', () => {
  const [, , k0, k1] = four(1);
  expectGradients((q0, q1) => mocoV3Loss(q0, q1, k0, k1), [random(1), random(2)]);
  const stopped = gradientsOf(() => mocoV3Loss(random(1), random(2), k0, k1), { k0, k1 });
  expect(stopped.every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of views, the order of samples or the length of rows', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [q0, q1, k0, k1] = four(seed);
      const loss = numberOf(mocoV3Loss(q0, q1, k0, k1));
      const turned = (z: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.reverse(z, 0), 10 ** exponent);
      expect(numberOf(mocoV3Loss(q1, q0, k1, k0)) / loss).toBeCloseTo(1, 4);
      expect(numberOf(mocoV3Loss(turned(q0), turned(q1), turned(k0), turned(k1))) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for equal rows, zeros, a batch of one and extreme temperatures', () => {
  const differentiate = (z: tf.Tensor2D, k: tf.Tensor2D, temperature = 0.2) => {
    const loss = () => mocoV3Loss(z, z, k, k, { temperature });
    return [numberOf(loss()), ...gradientsOf(loss, { z })];
  };
  const same = tf.tile(random(1, 1), [6, 1]);
  expect(differentiate(same, same)[0]).toBeCloseTo(0.8 * Math.log(6), 4);
  expect(differentiate(random(2, 1), random(3, 1))[0]).toBeCloseTo(0, 5);
  for (const values of [differentiate(same, same), differentiate(tf.zeros([6, 5]), random(4))]) {
    expect(values.every(Number.isFinite)).toBe(true);
  }
  for (const temperature of [1e-6, 1e6]) {
    expect(differentiate(random(5), random(6), temperature).every(Number.isFinite)).toBe(true);
  }
});

test('refuses shapes that do not fit and temperatures that are not positive', () => {
  const [q0, q1, k0, k1] = four(1);
  expect(refusalOf(() => mocoV3Loss(q0, q1, k0, random(1, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => mocoV3Loss(q0, random(1, 6, 4), k0, k1))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => mocoV3Loss(q0, q1, k0, k1, { temperature: 0 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const small = { projector: [7, 3], predictor: [6, 3], momentum: 0.75 };
  const views = () => [inputView(1), inputView(2)];

  test('treats both views alike, at its temperature', () => {
    const state = firstState(mocoV3(small));
    const { loss, projection } = stepOf(mocoV3(small), views(), state);
    expect(projection.shape).toEqual([4, 3]);
    expect(numberOf(stepOf(mocoV3(small), views().reverse(), state).loss)).toBeCloseTo(numberOf(loss), 5);
    const warmer = numberOf(stepOf(mocoV3({ ...small, temperature: 1 }), views(), state).loss);
    expect(warmer).not.toBeCloseTo(numberOf(loss), 2);
  });

  test('has a teacher of encoder and projector that moves slower and slower', () => {
    for (const share of keptByTeacher(mocoV3(small))) expect(share).toBeCloseTo(0.75, 5);
    const { variables, schedules } = mocoV3().bind(linearEncoder);
    expect(Object.keys(variables).some((name) => name.startsWith('teacher/predictor'))).toBe(false);
    expect([0, 10].map((step) => schedules?.momentum?.(10, 10)(step))).toEqual([0.99, 1]);
    expect(variables['projector/layers/2/dense/kernel']?.shape).toEqual([4096, 256]);
    expect(variables['predictor/layers/1/dense/kernel']?.shape).toEqual([4096, 256]);
  });

  test('refuses a momentum above 1, and predictions of another width than projections', () => {
    expect(refusalOf(() => mocoV3({ momentum: 2 }))).toBe('INVALID_OPTION');
    expect(refusalOf(() => mocoV3({ ...small, predictor: [6, 4] }).bind(linearEncoder))).toBe('INVALID_OPTION');
  });
});
