import { type Evaluator, evaluationNotes, type LabelledFeatures, randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { admit } from './admit';
import { kMeansEvaluator } from './clustering';
import { fewShotEvaluator } from './fewShot';
import { linearProbeEvaluator } from './linearProbe';
import { retrievalEvaluator } from './retrieval';
import { sgdProbeEvaluator } from './sgdProbe';
import { knnEvaluator } from './weightedKnn';

/** Gaussian classes around ±1 along every dimension. */
function data(
  seed: number,
  size: Partial<Record<'count' | 'dim' | 'classes' | 'present', number>> = {},
): LabelledFeatures {
  const { count = 60, dim = 4, classes = 2, present = classes } = size;
  const random = randomStream([seed]);
  const labels = Int32Array.from({ length: count }, (_, row) => row % present);
  const features = Float32Array.from({ length: count * dim }, (_, at) => {
    const label = labels[Math.floor(at / dim)] ?? 0;
    return 2 * (label === (at % dim) % classes ? 1 : -1) + random.normal();
  });
  return { features, count, dim, labels, classes };
}

test('leaves bank rows without a label out, and says so', () => {
  const bank = data(1);
  const partly = { ...bank, labels: bank.labels.map((label, row) => (row < 10 ? -1 : label)) };
  const admitted = admit(partly, data(2));
  expect(admitted.bank.count).toBe(50);
  expect(admitted.bank.features).toEqual(bank.features.slice(40));
  expect(admitted.warnings).toEqual(['10 of 60 rows of bank have no label and were left out.']);
});

test('says that cosines see nothing but the sign of one dimension', () => {
  const [bank, queries] = [data(1, { dim: 1 }), data(2, { dim: 1 })];
  expect(admit(bank, queries, { allowOverlap: true }).warnings).toEqual([
    'Features have one dimension: what goes by cosines sees its sign alone.',
  ]);
});

test('refuses test rows that are in the bank, unless they are allowed, few, or tell no sample from others', () => {
  const [bank, fresh] = [data(1, { count: 400 }), data(2, { count: 200 })];
  const mixed = (rows: number) => ({
    ...fresh,
    features: Float32Array.from([...bank.features.subarray(0, rows * 4), ...fresh.features.subarray(rows * 4)]),
  });
  expect(refusalOf(() => admit(bank, mixed(3)))).toBe('SPLITS_OVERLAP');
  expect(admit(bank, mixed(3), { allowOverlap: true }).warnings).toEqual([]);
  expect(admit(bank, mixed(2)).warnings).toEqual([
    '2 of 200 test rows are in the bank, too: test row 0 is bank row 0.',
  ]);
  expect(admit(bank, fresh).warnings).toEqual([]);
  const collapsed = { ...bank, features: new Float32Array(1600).fill(1) };
  expect(admit(collapsed, collapsed).warnings).toEqual(['All bank rows are equal: the features have collapsed.']);
});

test('finds rows that differ from bank rows in a single column to be other rows', () => {
  const bank = data(1, { count: 100, dim: 200 });
  const moved = { ...bank, features: bank.features.map((value, at) => (at % 200 === 133 ? value + 1 : value)) };
  expect(admit(bank, moved).warnings).toEqual([]);
});

test('warns of one class, of classes without rows and of constant dimensions', () => {
  const bank = data(1, { classes: 3, present: 1 });
  const flat = { ...bank, features: bank.features.map((value, at) => (at % 4 === 2 ? 5 : value)) };
  expect(admit(flat, data(2, { classes: 3, present: 2 })).warnings).toEqual([
    'All rows of bank are of one class: accuracies say nothing about the features.',
    'bank has no rows of 2 of 3 classes: 1, 2.',
    'test has no rows of 1 of 3 classes: 2.',
    '1 of 4 dimensions are constant over the bank.',
  ]);
});

const protocols: readonly Evaluator[] = [
  fewShotEvaluator({ perClass: 2, draws: 2 }),
  kMeansEvaluator(),
  knnEvaluator({ k: 5 }),
  linearProbeEvaluator(),
  retrievalEvaluator({ ks: [1, 5] }),
  sgdProbeEvaluator({ epochs: 5 }),
];

describe.each(protocols.map((evaluator) => [evaluator.name, evaluator] as const))('%s', (name, evaluator) => {
  const finite = async (bank: LabelledFeatures, queries: LabelledFeatures) => {
    const notes = evaluationNotes();
    const figures = await evaluator.evaluate(bank, queries, 0, notes);
    expect(Object.values(figures).every(Number.isFinite)).toBe(true);
    expect(JSON.parse(JSON.stringify(notes.details))).toEqual(notes.details); // no NaN, which JSON makes null
    return { figures, warnings: notes.warnings.join(' ') };
  };

  test('is finite on one dimension, on constant features and with fewer rows than dimensions', async () => {
    await finite(data(1, { dim: 1 }), data(2, { dim: 1 }));
    const flat = { ...data(1), features: new Float32Array(240).fill(3) };
    expect((await finite(flat, flat)).warnings).toContain('collapsed');
    await finite(data(1, { count: 12, dim: 40 }), data(2, { count: 12, dim: 40 }));
  });

  test('measures with labels missing, and a class absent from the test rows, and warns', async () => {
    const [bank, queries] = [data(1), data(2, { classes: 2, present: 1 })];
    const partly = { ...bank, labels: bank.labels.map((label, row) => (row % 7 === 0 ? -1 : label)) };
    const { warnings } = await finite(partly, queries);
    expect(warnings).toContain('9 of 60 rows of bank have no label');
    expect(warnings).toContain('test has no rows of 1 of 2 classes: 1.');
  });

  test('measures one class as what it is: nothing to tell apart', async () => {
    const [bank, queries] = [data(1, { classes: 1 }), data(2, { classes: 1 })];
    const { figures, warnings } = await finite(bank, queries);
    expect(figures.accuracy ?? figures.recallAt1 ?? figures.clusteringAccuracy).toBe(1);
    expect(warnings).toContain('one class');
  });

  test('refuses NaN, no labels at all, overlap, and what it cannot choose from', async () => {
    const [bank, queries] = [data(1), data(2)];
    const refused = (known: LabelledFeatures, asked = queries) => expect(evaluator.evaluate(known, asked, 0)).rejects;
    await refused({
      ...bank,
      features: bank.features.map((value, at) => (at === 9 ? Number.NaN : value)),
    }).toMatchObject({
      code: 'FEATURES_NOT_FINITE',
    });
    await refused({ ...bank, labels: bank.labels.map(() => -1) }).toMatchObject({ code: 'LABELS_MISSING' });
    await refused(bank, bank).toMatchObject({ code: 'SPLITS_OVERLAP' });
    if (['knn', 'retrieval', 'few-shot'].includes(name)) {
      await refused(data(1, { count: 3 })).toMatchObject({ code: 'INVALID_OPTION' }); // fewer than k, or than shots
    }
  });
});
