import { randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adjustedRandIndex, clusteringAccuracy, kMeansEvaluator, normalisedMutualInformation } from './clustering';
import { kMeans } from './kMeans';
import { protocolsGolden } from './protocolsFixture';

test('compares partitions as scikit-learn does', async () => {
  const { bank, input, output } = await protocolsGolden();
  const clusters = Int32Array.from(input('clusters'));
  expect(normalisedMutualInformation(clusters, bank.labels)).toBeCloseTo(
    output('normalised_mutual_information')[0] ?? 0,
    9,
  );
  expect(adjustedRandIndex(clusters, bank.labels)).toBeCloseTo(output('adjusted_rand_index')[0] ?? 0, 9);
  expect(clusteringAccuracy(clusters, bank.labels)).toBeCloseTo(output('clustering_accuracy')[0] ?? 0, 12);
});

test('finds the clusters that scikit-learn finds', async () => {
  const { bank, input, output } = await protocolsGolden();
  const { inertia, assignments } = kMeans(bank, { clusters: 5, restarts: 20 });
  const best = output('inertia')[0] ?? 0; // of 50 starts
  expect(inertia / best).toBeGreaterThan(0.9999);
  expect(inertia / best).toBeLessThan(1.001);
  expect(adjustedRandIndex(assignments, Int32Array.from(input('clusters')))).toBeGreaterThan(0.95);
});

test('names of clusters do not matter, and chance is no agreement', () => {
  const random = randomStream([1]);
  const labels = Int32Array.from({ length: 3000 }, () => random.integer(4));
  const renamed = labels.map((label) => (label + 1) % 4);
  expect(normalisedMutualInformation(renamed, labels)).toBeCloseTo(1, 12);
  expect(adjustedRandIndex(renamed, labels)).toBeCloseTo(1, 12);
  expect(clusteringAccuracy(renamed, labels)).toBe(1);
  const chance = labels.map(() => random.integer(4));
  expect(Math.abs(adjustedRandIndex(chance, labels))).toBeLessThan(0.01);
  expect(normalisedMutualInformation(chance, labels)).toBeLessThan(0.01);
});

test('matches clusters with classes as trying all matchings does', () => {
  const part = fc.integer({ min: 0, max: 3 });
  const pairs = fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 30 });
  const orders = permutations([0, 1, 2, 3]);
  fc.assert(
    fc.property(pairs, (samples) => {
      const best = Math.max(
        ...orders.map((order) => samples.filter(([cluster, label]) => order[cluster] === label).length),
      );
      const [clusters, labels] = [samples.map(([cluster]) => cluster), samples.map(([, label]) => label)];
      const accuracy = clusteringAccuracy(Int32Array.from(clusters), Int32Array.from(labels));
      expect(accuracy).toBeCloseTo(best / samples.length, 12);
    }),
  );
});

test('one part against one part agrees; one against many says nothing', () => {
  const [one, many] = [Int32Array.of(0, 0, 0, 0), Int32Array.of(0, 0, 1, 1)];
  expect([normalisedMutualInformation(one, one), adjustedRandIndex(one, one)]).toEqual([1, 1]);
  expect([normalisedMutualInformation(one, many), adjustedRandIndex(one, many)]).toEqual([0, 0]);
});

test('clusters rows that are all equal, on one dimension, or fewer than clusters would need, without NaN', () => {
  const equal = { features: new Float32Array(20).fill(2), count: 10, dim: 2 };
  const collapsed = kMeans(equal, { clusters: 3 });
  expect(collapsed.inertia).toBe(0);
  expect(collapsed.centres.every(Number.isFinite)).toBe(true);
  const line = { features: Float32Array.of(0, 0.1, 5, 5.1, 9, 9.1), count: 6, dim: 1 };
  const { assignments, assign } = kMeans(line, { clusters: 3 });
  expect(new Set(assignments).size).toBe(3);
  expect(assign({ features: Float32Array.of(5.05), count: 1, dim: 1 })[0]).toBe(assignments[2]);
});

test('as an evaluator, clusters the bank without its labels and scores the test rows that have one', async () => {
  const { bank, queries } = await protocolsGolden();
  const shuffled = { ...bank, labels: bank.labels.map((label) => (label + 1) % 5) };
  const evaluator = kMeansEvaluator();
  const figures = await evaluator.evaluate(bank, queries, 0);
  expect(figures).toEqual(await evaluator.evaluate(shuffled, queries, 0));
  expect(figures.clusteringAccuracy).toBeGreaterThan(0.7);
  const partly = { ...queries, labels: queries.labels.map((label, row) => (row % 2 ? label : -1)) };
  expect((await evaluator.evaluate(bank, partly, 0)).clusteringAccuracy).toBeGreaterThan(0.7);
});

test('refuses partitions of other sizes, samples without a label, and impossible numbers of clusters', () => {
  const labels = Int32Array.of(0, 1);
  const rows = { features: Float32Array.of(0, 1), count: 2, dim: 1 };
  expect(refusalOf(() => clusteringAccuracy(Int32Array.of(0), labels))).toBe('LABELS_MISMATCH');
  expect(refusalOf(() => adjustedRandIndex(Int32Array.of(0, -1), labels))).toBe('LABELS_MISMATCH');
  expect(refusalOf(() => normalisedMutualInformation(new Int32Array(), new Int32Array()))).toBe('DATASET_EMPTY');
  expect(refusalOf(() => kMeans(rows, { clusters: 3 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => kMeans(rows, { clusters: 1, restarts: 0 }))).toBe('INVALID_OPTION');
});

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}
