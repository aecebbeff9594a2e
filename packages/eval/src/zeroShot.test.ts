import { evaluationNotes, type LabelledFeatures } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { zeroShot, zeroShotEvaluator } from './zeroShot';

function rows(features: readonly (readonly number[])[], labels: readonly number[]): LabelledFeatures {
  return {
    features: Float32Array.from(features.flat()),
    count: features.length,
    dim: 2,
    labels: Int32Array.from(labels),
    classes: 2,
  };
}

test('a class is the mean direction of its templates, each of length 1', () => {
  const prompts = rows(
    [
      [10, 0], // counts no more than the next
      [0, 1],
      [0, 2],
      [-1, 1],
    ],
    [0, 0, 1, 1],
  );
  const { predictions, accuracy } = zeroShot(
    prompts,
    rows(
      [
        [1, 0.9],
        [0.5, 1],
        [-1, 0],
      ],
      [0, 0, 1],
    ),
  );
  expect([...predictions]).toEqual([0, 0, 1]); // class 0 lies at 45°, class 1 at 112.5°
  expect(accuracy).toBe(1);
});

test('refuses a class without a prompt', () => {
  const image = rows([[1, 0]], [0]);
  expect(refusalOf(() => zeroShot(rows([[1, 0]], [0]), image))).toBe('LABELS_MISMATCH');
});

test('as an evaluator, takes prompts as the bank', async () => {
  const prompts = rows(
    [
      [1, 0],
      [0, 1],
    ],
    [0, 1],
  );
  const notes = evaluationNotes();
  expect(await zeroShotEvaluator().evaluate(prompts, prompts, 0, notes)).toMatchObject({ accuracy: 1 });
  expect(notes.details.confusionMatrix).toEqual([
    [1, 0],
    [0, 1],
  ]);
});
