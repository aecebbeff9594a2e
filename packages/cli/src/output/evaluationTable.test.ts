import { expect, test } from 'vitest';
import { compareWith, evaluationTable, evaluationWarnings } from './evaluationTable';

const row = (features: string, knn: number, linear: number) => ({
  features,
  testCount: 2000,
  unreadable: [],
  notes: {},
  figures: { knn: { accuracy: knn }, 'linear-probe': { accuracy: linear, confidence95: 0.012 } },
});
const pixels = row('raw pixels', 0.8185, 0.8285);
const encoder = row('trained encoder', 0.8155, 0.845);

test('accuracies are percentages with their interval, in columns', () => {
  expect(evaluationTable([pixels, encoder]).split('\n').slice(2)).toEqual([
    'raw pixels       81.85  82.85 ± 1.20',
    'trained encoder  81.55  84.50 ± 1.20',
  ]);
});

test('figures that are no accuracies stand as they are', () => {
  const collapse = {
    features: 'trained encoder',
    testCount: 10,
    unreadable: [],
    notes: {},
    figures: { rankme: { rankMe: 34.84, featureStd: 0.91 } },
  };
  expect(evaluationTable([collapse])).toContain('rankMe 34.84, featureStd 0.9100');
});

test('words say where the encoder is above a baseline and where the baseline is as good within one standard error', () => {
  expect(compareWith(pixels, encoder)).toEqual([
    'The trained encoder is above the raw pixels on linear-probe (84.50 against 82.85).',
    'The raw pixels did as well or better on knn (81.55 against 81.85, within one standard error).',
  ]);
});

test('a baseline that is clearly better is not called close', () => {
  const words = compareWith(row('raw pixels', 0.9, 0.5), encoder);
  expect(words.at(-1)).toBe('The raw pixels did as well or better on knn (81.55 against 90.00).');
});

test('warnings stand once, with the evaluators that gave them', () => {
  const warned = (warnings: string[]) => ({ details: {}, warnings, verdicts: [] });
  const notes = { knn: warned(['One class.']), 'linear-probe': warned(['One class.', 'Two rows left out.']) };
  expect(
    evaluationWarnings([
      { ...pixels, notes },
      { ...encoder, notes },
    ]),
  ).toEqual(['Warning (knn, linear-probe): One class.', 'Warning (linear-probe): Two rows left out.']);
});
