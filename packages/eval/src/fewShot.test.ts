import { evaluationNotes, type LabelledFeatures, randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { fewShot, fewShotCurve, fewShotEvaluator } from './fewShot';

/** Three overlapping Gaussian classes. */
function threeClasses(count: number, seed: number): LabelledFeatures {
  const random = randomStream([seed]);
  const labels = Int32Array.from({ length: count }, (_, row) => row % 3);
  const features = Float32Array.from({ length: count * 6 }, (_, at) => {
    const own = (labels[Math.floor(at / 6)] ?? 0) === at % 3;
    return (own ? 1.5 : 0) + random.normal();
  });
  return { features, count, dim: 6, labels, classes: 3 };
}

const [bank, queries] = [threeClasses(600, 1), threeClasses(300, 2)];

test('averages draws, with the t interval of their spread', () => {
  const { accuracy, confidence95, standardDeviation, draws } = fewShot(bank, queries, { perClass: 5, draws: 3 });
  expect(draws).toHaveLength(3);
  const [a = 0, b = 0, c = 0] = draws;
  expect(accuracy).toBeCloseTo((a + b + c) / 3, 12);
  expect(standardDeviation ** 2).toBeCloseTo(((a - accuracy) ** 2 + (b - accuracy) ** 2 + (c - accuracy) ** 2) / 2, 12);
  expect(confidence95).toBeCloseTo((4.303 * standardDeviation) / Math.sqrt(3), 12);
});

test('more labels classify better, and both beat chance', () => {
  const few = fewShot(bank, queries, { perClass: 2, draws: 8 });
  const many = fewShot(bank, queries, { perClass: 100, draws: 8 });
  expect(few.accuracy).toBeGreaterThan(0.4);
  expect(many.accuracy).toBeGreaterThan(few.accuracy + 0.05);
});

test('the seed decides the draws', () => {
  const first = fewShot(bank, queries, { perClass: 3, seed: 1 });
  expect(fewShot(bank, queries, { perClass: 3, seed: 1 })).toEqual(first);
  expect(fewShot(bank, queries, { perClass: 3, seed: 2 }).draws).not.toEqual(first.draws);
});

test('draws without replacement: the whole bank gives the same classifier every time', () => {
  const { draws, confidence95 } = fewShot(bank, queries, { perClass: 200, draws: 2, l2: 1 });
  expect(draws[0]).toBeCloseTo(draws[1] ?? 0, 2);
  expect(confidence95).toBeLessThan(0.05);
});

test('refuses more shots than a class has, one draw, and a negative penalty', () => {
  expect(refusalOf(() => fewShot(bank, queries, { perClass: 201 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => fewShot(bank, queries, { perClass: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => fewShot(bank, queries, { perClass: 1.5 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => fewShot(bank, queries, { draws: 1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => fewShot(bank, queries, { l2: -1 }))).toBe('INVALID_OPTION');
});

test('as an evaluator, takes the seed of the run', async () => {
  const figures = await fewShotEvaluator({ perClass: 3, draws: 2 }).evaluate(bank, queries, 9);
  const { accuracy, confidence95, standardDeviation } = fewShot(bank, queries, { perClass: 3, draws: 2, seed: 9 });
  expect(figures).toEqual({ accuracy, confidence95, standardDeviation });
});

test('a curve has the points that its numbers of labels have alone', () => {
  const curve = fewShotCurve(bank, queries, { draws: 3, seed: 4 });
  expect(curve.map(({ perClass }) => perClass)).toEqual([1, 5, 10]);
  expect(curve[1]).toEqual(fewShot(bank, queries, { perClass: 5, draws: 3, seed: 4 }));
  expect(refusalOf(() => fewShotCurve(bank, queries, { perClass: [] }))).toBe('INVALID_OPTION');
});

test('as an evaluator of several numbers of labels, gives each, and the largest as its accuracy', async () => {
  const notes = evaluationNotes();
  const figures = await fewShotEvaluator({ perClass: [5, 1], draws: 2 }).evaluate(bank, queries, 0, notes);
  const [one, five] = fewShotCurve(bank, queries, { perClass: [1, 5], draws: 2 });
  expect(figures).toMatchObject({
    accuracy: five?.accuracy,
    accuracy1: one?.accuracy,
    accuracy5: five?.accuracy,
    confidence95Of1: one?.confidence95,
  });
  expect(notes.details.draws).toEqual({ 1: one?.draws, 5: five?.draws });
});
