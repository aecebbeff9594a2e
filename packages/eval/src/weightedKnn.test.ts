import type { LabelledFeatures } from '@unlabel/core';
import { readGolden, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { protocolsGolden } from './protocolsFixture';
import { knnEvaluator, knnProtocols, weightedKnn } from './weightedKnn';

function rows(features: readonly (readonly number[])[], labels: readonly number[], classes = 2): LabelledFeatures {
  const dim = features[0]?.length ?? 0;
  return {
    features: Float32Array.from(features.flat()),
    count: features.length,
    dim,
    labels: Int32Array.from(labels),
    classes,
  };
}

const allow = { allowOverlap: true }; // toys ask about known rows

const bank = rows(
  [
    [1, 0],
    [0, 1],
    [0.6, 0.8],
  ],
  [0, 1, 1],
);

test('gives each neighbour exp(s/τ) votes: one near outweighs two far only when the temperature is low', () => {
  const query = rows([[1, 0]], [0]); // similarities 1, 0 and 0.6: e^(1/τ) against 1 + e^(0.6/τ)
  expect(weightedKnn(bank, query, { k: 3, temperature: 0.5, ...allow }).predictions[0]).toBe(0); // 7.39 > 4.32
  expect(weightedKnn(bank, query, { k: 3, temperature: 2, ...allow }).predictions[0]).toBe(1); // 1.65 < 2.35
  expect(weightedKnn(bank, query, { k: 1, temperature: 2, ...allow }).predictions[0]).toBe(0);
});

test('agrees with the reference on every query', async () => {
  const golden = await readGolden(new URL('../golden/knn_predict.json', import.meta.url));
  const { feature, bank: known, bank_labels: labels } = golden.inputs;
  const matrix = (data: readonly number[] = [], classes: readonly number[] = []) =>
    rows(
      Array.from({ length: data.length / 5 }, (_, row) => data.slice(row * 5, row * 5 + 5)),
      classes,
      4,
    );
  const top1 = golden.outputs.top1?.data ?? [];
  const result = weightedKnn(matrix(known?.data, labels?.data), matrix(feature?.data, top1), {
    k: 7,
    temperature: 0.1,
  });
  expect([...result.predictions]).toEqual(top1);
  expect(result.accuracy).toBe(1);
});

test('agrees with scikit-learn on every prediction', async () => {
  const { bank: known, queries, k, temperature, output } = await protocolsGolden();
  const { predictions } = weightedKnn(known, queries, { k, temperature });
  expect([...predictions]).toEqual(output('knn_predictions'));
});

test('the protocols of papers are options by name', async () => {
  const { bank: known, queries } = await protocolsGolden();
  expect(knnProtocols.lightly).toEqual({ k: 200, temperature: 0.1 });
  expect(weightedKnn(known, queries, knnProtocols.dino).predictions).toEqual(weightedKnn(known, queries).predictions);
});

test('looks at directions only: scaling rows changes nothing', () => {
  const value = fc.integer({ min: -8, max: 8 }); // powers of two scale them exactly
  const vectors = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(vectors, vectors, fc.integer({ min: 0, max: 8 }), (known, queries, exponent) => {
      const labelled = (list: number[][], scale = 1) =>
        rows(
          list.map((row) => row.map((component) => component * scale)),
          list.map((_, index) => index % 3),
          3,
        );
      const plain = weightedKnn(labelled(known), labelled(queries), { k: 3, ...allow });
      const scaled = weightedKnn(labelled(known, 2 ** exponent), labelled(queries, 2 ** -exponent), { k: 3, ...allow });
      expect(scaled.predictions).toEqual(plain.predictions);
    }),
  );
});

test('finds the neighbours that sorting all similarities finds, past one block of queries', () => {
  const spread = (count: number, phase: number) =>
    rows(
      Array.from({ length: count }, (_, index) => [Math.cos(index * phase), Math.sin(index * phase), Math.cos(index)]),
      Array.from({ length: count }, (_, index) => (index * 7) % 5),
      5,
    );
  const [known, queries] = [spread(101, 0.7), spread(131, 0.3)];
  expect([...weightedKnn(known, queries, { k: 9, temperature: 0.2 }).predictions]).toEqual(
    bySorting(known, queries, 9, 0.2),
  );
});

test('stays finite when features have collapsed, are zero or the temperature is tiny', () => {
  const collapsed = rows(
    [
      [1, 1],
      [1, 1],
      [0, 0],
    ],
    [1, 0, 0],
  );
  const { predictions } = weightedKnn(
    collapsed,
    rows(
      [
        [2, 2],
        [0, 0],
      ],
      [1, 0],
    ),
    { k: 2, temperature: 1e-6, ...allow },
  );
  expect([...predictions]).toEqual([0, 0]); // equal votes go to the lower class
});

test('refuses what cannot be measured', () => {
  const query = rows([[1, 0]], [0]);
  expect(refusalOf(() => weightedKnn(bank, query, { k: 4, ...allow }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => weightedKnn(bank, query, { k: 0, ...allow }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => weightedKnn(bank, query, { k: 1, temperature: 0, ...allow }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => weightedKnn(bank, rows([[1, 0, 0]], [0])))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => weightedKnn({ ...bank, count: 4 }, query))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => weightedKnn({ ...bank, labels: new Int32Array() }, query))).toBe('LABELS_MISSING');
  expect(refusalOf(() => weightedKnn({ ...bank, labels: Int32Array.of(0, 1) }, query))).toBe('LABELS_MISMATCH');
  expect(refusalOf(() => weightedKnn(bank, rows([[1, 0]], [2])))).toBe('LABELS_MISMATCH');
  expect(refusalOf(() => weightedKnn(bank, { ...query, classes: 3 }))).toBe('LABELS_MISMATCH');
  expect(refusalOf(() => weightedKnn(bank, rows([], [])))).toBe('DATASET_EMPTY');
  expect(refusalOf(() => weightedKnn(bank, rows([[Number.NaN, 0]], [0])))).toBe('FEATURES_NOT_FINITE');
});

test('as an evaluator, reports accuracy over samples and over classes', async () => {
  const queries = rows(
    [
      [1, 0],
      [1, 0.1],
      [0, 1],
    ],
    [0, 1, 1],
  );
  const figures = await knnEvaluator({ k: 1, ...allow }).evaluate(bank, queries, 0);
  expect(figures).toEqual({ accuracy: 2 / 3, meanClassAccuracy: 0.75, standardError: Math.sqrt(2 / 27) });
});

/** The definition, in double precision and without blocks. */
function bySorting(known: LabelledFeatures, queries: LabelledFeatures, k: number, tau: number): number[] {
  const unit = ({ features, count, dim }: LabelledFeatures) =>
    Array.from({ length: count }, (_, row) => {
      const vector = [...features.subarray(row * dim, (row + 1) * dim)];
      const norm = Math.hypot(...vector);
      return vector.map((component) => component / norm);
    });
  const directions = unit(known);
  return unit(queries).map((query) => {
    const similarities = directions.map((row) =>
      row.reduce((sum, component, at) => sum + component * (query[at] ?? 0), 0),
    );
    const order = similarities.map((_, index) => index).sort((a, b) => (similarities[b] ?? 0) - (similarities[a] ?? 0));
    const votes = Array.from({ length: known.classes }, () => 0);
    for (const row of order.slice(0, k)) {
      const label = known.labels[row] ?? 0;
      votes[label] = (votes[label] ?? 0) + Math.exp((similarities[row] ?? 0) / tau);
    }
    return votes.indexOf(Math.max(...votes));
  });
}
