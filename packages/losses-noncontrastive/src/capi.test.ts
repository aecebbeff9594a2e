import { cpu, sinkhorn, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { capiLoss } from './capi';
import { capiGolden } from './capi.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  capiGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 4) => tf.randomNormal<tf.Rank.R3>([batch, 3, 5], 0, 1, 'float32', seed);

test('shares the clusters of a position out among the batch', () => {
  const teacher = tf.tensor3d([[[1, 0]], [[1, 0]]]); // both want the first cluster: half of each
  const student = tf.tensor3d([[[0, Math.log(3)]], [[0, 0]]]); // ¼ and ¾; uniform
  const loss = capiLoss(teacher, student, { studentTemperature: 1, teacherTemperature: 1 });
  expect(numberOf(loss)).toBeCloseTo((-0.5 * Math.log(0.25) - 0.5 * Math.log(0.75) + Math.LN2) / 2, 5);
});

test('balances each position by itself', () => {
  const [teacher, student] = [random(1), random(2)];
  const positions = tf
    .unstack(teacher, 1)
    .map((logits) => sinkhorn(tf.reshape(logits, [4, 5]), { epsilon: 0.5, iterations: 2 }));
  const logP = tf.logSoftmax(tf.div(student, 0.5));
  const expected = -numberOf(tf.sum(tf.mul(tf.stack(positions, 1), logP))) / 12;
  const options = { teacherTemperature: 0.5, studentTemperature: 0.5, iterations: 2 };
  expect(numberOf(capiLoss(teacher, student, options))).toBeCloseTo(expected, 4);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, capiGolden));
});

test('has the gradient that differences of its values have, and none for the teacher', () => {
  expectGradients((student) => capiLoss(random(1), student), [random(2)]);
  const [teacher, student] = [random(1), random(2)];
  expect(gradientsOf(() => capiLoss(teacher, student), { teacher }).every((value) => value === 0)).toBe(true);
});

test('does not depend on the order of samples, or of positions', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0, 1), (seed, axis) => {
      const [teacher, student] = [random(seed), random(seed + 1)];
      const reversed = capiLoss(tf.reverse(teacher, axis), tf.reverse(student, axis));
      expect(numberOf(reversed) / numberOf(capiLoss(teacher, student))).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

describe('is finite, as is its gradient', () => {
  const finite = (student: tf.Tensor3D) =>
    gradientsOf(() => capiLoss(student, student), { student }).every(Number.isFinite);

  test('when all logits are equal', () => expect(finite(tf.zeros([4, 3, 5]))).toBe(true));
  test('for logits of 1e6', () => expect(finite(tf.mul(random(1), 1e6))).toBe(true));
  test('for a batch of one', () => expect(finite(random(1, 1))).toBe(true));
});

test('refuses logits of different shapes, temperatures that are not above 0 and no round of Sinkhorn–Knopp', () => {
  expect(refusalOf(() => capiLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  for (const options of [{ teacherTemperature: 0 }, { studentTemperature: -1 }, { iterations: 0 }]) {
    expect(refusalOf(() => capiLoss(random(1), random(2), options))).toBe('INVALID_OPTION');
  }
});
