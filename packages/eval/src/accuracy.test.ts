import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { confusionMatrix, meanClassAccuracy, perClassAccuracy, top1Accuracy } from './accuracy';

const labels = Int32Array.of(0, 0, 0, 1);
const predictions = Int32Array.of(0, 0, 1, 1);

test('counts how labels were taken for predictions, a row per label', () => {
  expect([...confusionMatrix(predictions, labels, 2)]).toEqual([2, 1, 0, 1]);
});

test('scores all samples alike, or all classes alike', () => {
  expect(top1Accuracy(predictions, labels)).toBe(0.75);
  expect([...perClassAccuracy(predictions, labels, 2)]).toEqual([2 / 3, 1]);
  expect(meanClassAccuracy(predictions, labels, 2)).toBeCloseTo(5 / 6, 12);
});

test('leaves classes without samples out of the mean', () => {
  expect(perClassAccuracy(predictions, labels, 3)[2]).toBeNaN();
  expect(meanClassAccuracy(predictions, labels, 3)).toBeCloseTo(5 / 6, 12);
});

test('refuses predictions of another number than labels, and none', () => {
  expect(refusalOf(() => top1Accuracy(Int32Array.of(1), labels))).toBe('LABELS_MISMATCH');
  expect(refusalOf(() => top1Accuracy(new Int32Array(), new Int32Array()))).toBe('DATASET_EMPTY');
});
