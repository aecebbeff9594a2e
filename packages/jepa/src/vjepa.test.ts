import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { vjepaLoss, vjepaRegulariser } from './vjepa';
import { vjepaGolden } from './vjepa.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  vjepaGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, tokens = 4) => tf.randomNormal<tf.Rank.R3>([2, tokens, 3], 0, 1, 'float32', seed);

test('is the mean distance to the power p over p, averaged over masks of any length', () => {
  const [z0, z1] = [tf.fill<tf.Rank.R3>([1, 2, 1], 3), tf.fill<tf.Rank.R3>([1, 5, 1], -1)];
  const zeros = [tf.zerosLike(z0), tf.zerosLike(z1)];
  expect(numberOf(vjepaLoss([z0, z1], zeros))).toBeCloseTo(2, 6);
  expect(numberOf(vjepaLoss([z0, z1], zeros, { exponent: 2 }))).toBeCloseTo((9 / 2 + 1 / 2) / 2, 5);
});

test('its regulariser pays what standard deviations over tokens lack to 1', () => {
  const z = tf.tensor3d([
    [
      [0.5, 7],
      [-0.5, -7],
    ],
  ]); // unbiased deviations √½ and √98
  expect(numberOf(vjepaRegulariser([z]))).toBeCloseTo((1 - Math.sqrt(0.5001)) / 2, 5);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, vjepaGolden));
});

test('has the gradient that differences of its values have', () => {
  for (const exponent of [2, 3]) {
    expectGradients((z, h) => vjepaLoss([z], [h], { exponent }), [random(1), random(2)]);
  }
  expectGradients((z) => vjepaRegulariser([z]), [tf.mul<tf.Tensor3D>(random(1), 0.3)]);
});

test('stays finite, with finite gradients, when predictions are right or all the same', () => {
  const z = random(1);
  for (const exponent of [0.5, 1, 2]) {
    expect(gradientsOf(() => vjepaLoss([z], [z], { exponent }), { z }).every(Number.isFinite)).toBe(true);
  }
  const same: tf.Tensor3D = tf.zeros([2, 4, 3]);
  expect(gradientsOf(() => vjepaRegulariser([same]), { same }).every(Number.isFinite)).toBe(true);
});

test('refuses masks that do not fit, no masks, single tokens, and powers that are not positive', () => {
  expect(refusalOf(() => vjepaLoss([random(1)], [random(2, 5)]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => vjepaLoss([random(1)], [random(2), random(3)]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => vjepaLoss([], []))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => vjepaRegulariser([random(1, 1)]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => vjepaLoss([random(1)], [random(2)], { exponent: 0 }))).toBe('INVALID_OPTION');
});
