import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dinoLoss } from './dino';
import { ibotLoss, ibotPatchLoss } from './ibot';
import { ibotGolden } from './ibot.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  ibotGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, images = 4, dim = 5) =>
  tf.randomNormal<tf.Rank.R3>([images, 3, dim], 0, 1, 'float32', seed);
const plain = { studentTemperature: 1, teacherTemperature: 1 };
const origin = () => tf.zeros([1, 5]);
const mask = () =>
  tf.tensor2d([
    [1, 0, 1],
    [0, 0, 0],
    [0, 1, 0],
    [1, 1, 1],
  ]);

test('averages over the masked patches of an image, then over images, those without any too', () => {
  const [t, s] = [Math.log(3), [0, 0]]; // teacher ¾ and ¼
  const teacher = tf.tensor3d([
    [
      [t, 0],
      [t, 0],
    ],
    [
      [t, 0],
      [t, 0],
    ],
  ]);
  const student = tf.tensor3d([
    [[0, t], s],
    [s, s],
  ]); // ¼ and ¾, uniform; uniform twice
  const opposed = -0.75 * Math.log(0.25) - 0.25 * Math.log(0.75);
  const value = (rows: number[][]) =>
    numberOf(ibotPatchLoss(student, teacher, tf.tensor2d(rows), tf.zeros([1, 2]), plain));
  expect(
    value([
      [1, 1],
      [0, 0],
    ]),
  ).toBeCloseTo((opposed + Math.LN2) / 2 / 2, 5);
  expect(
    value([
      [1, 0],
      [0, 1],
    ]),
  ).toBeCloseTo((opposed + Math.LN2) / 2, 5);
  expect(
    value([
      [0, 0],
      [0, 0],
    ]),
  ).toBe(0);
});

test('adds patches to whole views', () => {
  const cls = [1, 2].map((seed) => tf.randomNormal<tf.Rank.R2>([2, 5], 0, 1, 'float32', seed));
  const logits = { cls, patches: random(3) };
  const centers = { cls: origin(), patches: origin() };
  const patches = ibotPatchLoss(logits.patches, logits.patches, mask(), origin());
  const whole = numberOf(dinoLoss(cls, cls, origin())) + numberOf(patches);
  expect(numberOf(ibotLoss(logits, logits, mask(), centers))).toBeCloseTo(whole, 4);
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, ibotGolden));
});

test('has the gradient that differences of its values have, and none where no patch is masked, nor for the teacher', () => {
  const soft = { studentTemperature: 0.5, teacherTemperature: 0.5 };
  expectGradients((s) => ibotPatchLoss(s, random(2), mask(), origin(), soft), [random(1)]);
  const [s, t] = [random(1), random(2)];
  const ofPatches = gradientsOf(() => ibotPatchLoss(s, t, mask(), origin()), { s });
  expect(ofPatches.slice(5, 10).concat(ofPatches.slice(15, 30))).toEqual(
    Array.from({ length: 20 }, () => expect.closeTo(0, 10)),
  );
  expect(gradientsOf(() => ibotPatchLoss(s, t, mask(), origin()), { t }).every((value) => value === 0)).toBe(true);
});

test('does not depend on the order of images, or of patches, or on what is not masked', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom('mean', 'sinkhorn'), (seed, centring) => {
      const [s, t, center] = [random(seed), random(seed + 1), centring === 'mean' ? origin() : 'sinkhorn'] as const;
      const loss = numberOf(ibotPatchLoss(s, t, mask(), center));
      for (const axis of [0, 1]) {
        const reversed = ibotPatchLoss(tf.reverse(s, axis), tf.reverse(t, axis), tf.reverse(mask(), axis), center);
        expect(Math.abs(numberOf(reversed) - loss)).toBeLessThan(2e-4 * loss);
      }
      const elsewhere: tf.Tensor3D = tf.mul(tf.sub(1, tf.expandDims(mask(), 2)), random(seed + 2));
      const changed = ibotPatchLoss(tf.add(s, elsewhere), tf.add(t, elsewhere), mask(), center);
      expect(Math.abs(numberOf(changed) - loss)).toBeLessThan(2e-4 * loss);
    }),
    { numRuns: 10 },
  );
});

describe('is finite, as is its gradient', () => {
  const finite = (s: tf.Tensor3D, masked: tf.Tensor2D, center: tf.Tensor | 'sinkhorn' = origin()) =>
    gradientsOf(() => ibotPatchLoss(s, random(9), masked, center), { s }).every(Number.isFinite);

  test('when nothing is masked', () => expect(finite(random(1), tf.zeros([4, 3]), 'sinkhorn')).toBe(true));
  test('when all logits are equal', () => expect(finite(tf.zeros([4, 3, 5]), mask())).toBe(true));
  test('for logits of 1e6', () => expect(finite(tf.mul(random(1), 1e6), mask(), 'sinkhorn')).toBe(true));
});

test('refuses logits and masks that do not fit together, and temperatures that are not above 0', () => {
  const call = (s: tf.Tensor3D, t: tf.Tensor3D, masked: tf.Tensor2D) => () => ibotPatchLoss(s, t, masked, origin());
  expect(refusalOf(call(random(1), random(2, 4, 6), mask()))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(call(random(1), random(2, 3), mask()))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(call(random(1), random(2), tf.zeros([4, 2])))).toBe('SHAPE_MISMATCH');
  const options = { teacherTemperature: 0 };
  expect(refusalOf(() => ibotPatchLoss(random(1), random(2), mask(), origin(), options))).toBe('INVALID_OPTION');
});
