import { cpu, tf } from '@unlabel/core';
import { expectGradients, gradientsOf, numberOf, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { align, alignLoss } from './align';
import { clipLoss } from './clip';
import { firstState, inputView, stepOf } from './methodFixture';

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);

test('is 2 (log(e + 1) − 0.95) for two orthogonal pairs that agree, at σ = 1 and a smoothing of 0.1', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);
  expect(numberOf(alignLoss(z, z))).toBeCloseTo(2 * (Math.log(Math.E + 1) - 0.95), 5);
});

test('is twice CLIP’s loss without smoothing, at the inverse scale', () => {
  const [image, text] = [random(1), random(2)];
  const clipped = 2 * numberOf(clipLoss(image, text, { logitScale: 4 }));
  expect(numberOf(alignLoss(image, text, { temperature: 0.25, labelSmoothing: 0 }))).toBeCloseTo(clipped, 4);
  expect(numberOf(alignLoss(image, text, { temperature: tf.scalar(0.25), labelSmoothing: 0 }))).toBeCloseTo(clipped, 4);
});

test('has the gradient that differences of its values have, in the temperature, too', () => {
  expectGradients((image, text) => alignLoss(image, text, { temperature: 0.3 }), [random(1), random(2)]);
  expectGradients((temperature) => alignLoss(random(1), random(2), { temperature }), [tf.scalar(0.5)]);
});

test('does not depend on the order of pairs, on which side is which, or on the length of embeddings', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [image, text] = [random(seed), random(seed + 1)];
      const loss = numberOf(alignLoss(image, text));
      expect(numberOf(alignLoss(tf.reverse(image, 0), tf.reverse(text, 0))) / loss).toBeCloseTo(1, 4);
      expect(numberOf(alignLoss(text, image)) / loss).toBeCloseTo(1, 4);
      expect(numberOf(alignLoss(tf.mul(image, 10 ** exponent), text)) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for equal rows, zeros and tiny temperatures', () => {
  const same = tf.tile(random(3, 1), [6, 1]);
  expect(numberOf(alignLoss(same, same))).toBeCloseTo(2 * Math.log(6), 4);
  const [image, text] = [tf.zeros<tf.Rank.R2>([6, 5]), random(4)];
  expect(gradientsOf(() => alignLoss(image, text, { temperature: 1e-6 }), { image, text }).every(Number.isFinite)).toBe(
    true,
  );
});

test('refuses sides that do not match, temperatures that are not positive, and shares outside [0, 1)', () => {
  expect(refusalOf(() => alignLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => alignLoss(random(1), random(2), { temperature: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => alignLoss(random(1), random(2), { labelSmoothing: 1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => align({ labelSmoothing: -0.1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => align({ temperature: 0 }))).toBe('INVALID_OPTION');
});

test('the method learns the logarithm of its temperature, from that which it is given, and smooths as it is told', () => {
  const options = { temperature: 0.2, projector: [3] };
  const state = firstState(align(options));
  expect(numberOf(state.logTemperature ?? tf.scalar(0))).toBeCloseTo(Math.log(0.2), 6);
  const lossOf = (labelSmoothing: number, logTemperature: number) =>
    numberOf(
      stepOf(align({ ...options, labelSmoothing }), [inputView(1), inputView(2)], {
        ...state,
        logTemperature: tf.scalar(logTemperature),
      }).loss,
    );
  expect(lossOf(0.1, 0)).not.toBeCloseTo(lossOf(0.1, 1), 3);
  expect(lossOf(0.1, 0)).not.toBeCloseTo(lossOf(0.5, 0), 3);
});
