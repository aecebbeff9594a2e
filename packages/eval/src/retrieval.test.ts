import { evaluationNotes, type LabelledFeatures } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { protocolsGolden } from './protocolsFixture';
import { retrieval, retrievalEvaluator } from './retrieval';

function directions(angles: readonly number[], labels: readonly number[]): LabelledFeatures {
  const features = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  return { features, count: angles.length, dim: 2, labels: Int32Array.from(labels), classes: 2 };
}

test('counts a query whose ranking is wrong, right, right', () => {
  const bank = directions([0.1, 0.2, 0.3], [1, 0, 0]);
  const { recall, meanAveragePrecision } = retrieval(bank, directions([0], [0]), { ks: [1, 2] });
  expect([recall.get(1), recall.get(2)]).toEqual([0, 1]);
  expect(meanAveragePrecision).toBeCloseTo((1 / 2 + 2 / 3) / 2, 6);
});

test('rows of equal similarity come at once', () => {
  const bank = directions([0.1, 0.1, 0.3], [1, 0, 0]);
  const { meanAveragePrecision } = retrieval(bank, directions([0], [0]), { ks: [1] });
  expect(meanAveragePrecision).toBeCloseTo((1 / 2 + 2 / 3) / 2, 6);
});

test('agrees with scikit-learn on mean average precision', async () => {
  const { bank, queries, output } = await protocolsGolden();
  expect(retrieval(bank, queries).meanAveragePrecision).toBeCloseTo(output('mean_average_precision')[0] ?? 0, 6);
});

test('queries of classes that the bank lacks or of none are left out, with a warning', () => {
  const bank = directions([0.1, 0.2], [0, 0]);
  const { recall, warnings } = retrieval(bank, directions([0, 0.05, 0.07], [0, 1, -1]), { ks: [1] });
  expect(recall.get(1)).toBe(1);
  expect(warnings.join(' ')).toContain('bank has no rows of 1 of 2 classes: 1.');
  expect(warnings.join(' ')).toContain('1 of 3 rows of test have no label');
  expect(refusalOf(() => retrieval(bank, directions([0], [1]), { ks: [1] }))).toBe('LABELS_MISMATCH');
});

test('refuses cut-offs that no ranking has', () => {
  const bank = directions([0.1, 0.2], [0, 1]);
  for (const ks of [[], [0], [3], [1.5]]) {
    expect(refusalOf(() => retrieval(bank, directions([0], [0]), { ks }))).toBe('INVALID_OPTION');
  }
});

test('as an evaluator, notes neighbours by their rows in the bank as it was given', async () => {
  const bank = directions([3, 0.1, 0.2], [-1, 0, 1]);
  const notes = evaluationNotes();
  const figures = await retrievalEvaluator({ ks: [1, 2] }).evaluate(bank, directions([0], [0]), 0, notes);
  expect(figures).toEqual({ recallAt1: 1, recallAt2: 1, meanAveragePrecision: 1 });
  expect(notes.details.neighbours).toMatchObject([{ query: 0, rows: [1, 2] }]);
});
