import { readGolden, refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import {
  confusionMatrix,
  meanClassAccuracy,
  perClassAccuracy,
  standardError,
  top1Accuracy,
  topkAccuracy,
  wilsonInterval,
} from './accuracy';

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

test('agrees with the reference on the first 1, 3 and 5 of a ranking', async () => {
  const { inputs, outputs } = await readGolden(new URL('../golden/topk_accuracy.json', import.meta.url));
  const ranked = Int32Array.from(inputs.predicted_classes?.data ?? []);
  const targets = Int32Array.from(inputs.targets?.data ?? []);
  for (const k of [1, 3, 5]) {
    expect(topkAccuracy(ranked, targets, k)).toBe(outputs[`top${k}`]?.data[0]);
  }
});

test('samples without a label are not counted', () => {
  const partly = Int32Array.of(0, -1, 0, 1);
  expect(top1Accuracy(predictions, partly)).toBe(2 / 3);
  expect([...confusionMatrix(predictions, partly, 2)]).toEqual([1, 1, 0, 1]);
  expect(refusalOf(() => top1Accuracy(predictions, Int32Array.of(-1, -1, -1, -1)))).toBe('DATASET_EMPTY');
});

test('says how sure an accuracy is, also where no sample or every sample is right', () => {
  expect(standardError(0.8, 100)).toBeCloseTo(0.04, 12);
  const { low, high } = wilsonInterval(0.8, 100); // 80 of 100, as tabulated
  expect([low, high]).toEqual([expect.closeTo(0.7112, 4), expect.closeTo(0.8666, 4)]);
  expect(wilsonInterval(1, 10)).toEqual({ low: expect.closeTo(0.7225, 4), high: expect.closeTo(1, 12) });
  expect(wilsonInterval(0, 10).high).toBeCloseTo(0.2775, 4);
  expect(refusalOf(() => standardError(80, 100))).toBe('INVALID_OPTION');
  expect(refusalOf(() => wilsonInterval(0.5, 0))).toBe('INVALID_OPTION');
});

test('refuses predictions of another number than labels, and none', () => {
  expect(refusalOf(() => top1Accuracy(Int32Array.of(1), labels))).toBe('LABELS_MISMATCH');
  expect(refusalOf(() => top1Accuracy(new Int32Array(), new Int32Array()))).toBe('DATASET_EMPTY');
  expect(refusalOf(() => topkAccuracy(predictions, labels, 2))).toBe('INVALID_OPTION');
});
