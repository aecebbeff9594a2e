import { type Evaluator, type LabelledFeatures, UnlabelError } from '@unlabel/core';
import { admit, labelledRows, type SplitOptions } from './admit';
import { type KMeansOptions, kMeans } from './kMeans';

/** How many samples two partitions put into each pair of parts, and into each part. */
interface Contingency {
  /** `[left parts, right parts]`, row-major. */ readonly counts: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly total: number;
}

/**
 * Normalised mutual information of two partitions: I(A; B) / ((H(A) + H(B))/2), in [0, 1]; 1 for equal partitions,
 * whatever their parts are called, and for two of one part each, as in scikit-learn.
 * @param left part per sample, from 0
 * @param right part per sample, from 0
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`
 */
export function normalisedMutualInformation(left: Int32Array, right: Int32Array): number {
  const table = contingency(left, right);
  const entropies = (entropy(table.left) + entropy(table.right)) / 2;
  if (entropies === 0) return 1;
  const mutual = entropy(table.left) + entropy(table.right) - entropy(table.counts);
  return Math.min(1, Math.max(0, mutual / entropies));
}

/**
 * Adjusted Rand index: the share of pairs of samples on which two partitions agree, scaled so that chance gives 0 and
 * equal partitions 1; at least −0.5.
 * @param left part per sample, from 0
 * @param right part per sample, from 0
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`
 * @see Hubert & Arabie, Journal of Classification 2, 1985
 */
export function adjustedRandIndex(left: Int32Array, right: Int32Array): number {
  const table = contingency(left, right);
  const pairs = (counts: Float64Array) => counts.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  const [together, ofLeft, ofRight] = [pairs(table.counts), pairs(table.left), pairs(table.right)];
  const all = (table.total * (table.total - 1)) / 2;
  const expected = all === 0 ? 0 : (ofLeft * ofRight) / all;
  const most = (ofLeft + ofRight) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}

/**
 * Clustering accuracy: the share of samples whose cluster is matched with their class, under the one-to-one matching of
 * clusters and classes that makes it largest (Kuhn's Hungarian method). In [0, 1].
 * @param assignments cluster per sample, from 0
 * @param labels class per sample, from 0
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`
 */
export function clusteringAccuracy(assignments: Int32Array, labels: Int32Array): number {
  const { counts, left, right, total } = contingency(assignments, labels);
  const size = Math.max(left.length, right.length);
  const costs = Array.from({ length: size }, (_, row) =>
    Float64Array.from({ length: size }, (_, column) =>
      row < left.length && column < right.length ? -(counts[row * right.length + column] ?? 0) : 0,
    ),
  );
  const matched = cheapestMatching(costs);
  return matched.reduce((sum, column, row) => sum - (costs[row]?.[column] ?? 0), 0) / total;
}

export interface KMeansEvaluatorOptions extends Omit<KMeansOptions, 'clusters' | 'seed'>, SplitOptions {
  /** Number of clusters (default: the number of classes). */ readonly clusters?: number;
}

/**
 * k-means as an evaluator: centres are found on the bank without its labels, and the clusters of the test rows compared
 * with their classes: figures `clusteringAccuracy`, `normalisedMutualInformation`, `adjustedRandIndex`. Rows are scaled to
 * length 1 unless `normalise` is false.
 */
export function kMeansEvaluator(options: KMeansEvaluatorOptions = {}): Evaluator {
  return {
    name: 'k-means',
    evaluate: async (bank, test, seed, notes) => {
      const { warnings } = admit(bank, test, options);
      notes?.warnings.push(...warnings);
      const scored: LabelledFeatures = labelledRows(test);
      const { clusters = bank.classes, allowOverlap: _, ...others } = options;
      const assignments = kMeans(bank, { normalise: true, ...others, clusters, seed }).assign(scored);
      return {
        clusteringAccuracy: clusteringAccuracy(assignments, scored.labels),
        normalisedMutualInformation: normalisedMutualInformation(assignments, scored.labels),
        adjustedRandIndex: adjustedRandIndex(assignments, scored.labels),
      };
    },
  };
}

function contingency(left: Int32Array, right: Int32Array): Contingency {
  if (left.length !== right.length || left.some((part) => part < 0) || right.some((part) => part < 0)) {
    throw new UnlabelError('LABELS_MISMATCH', `The partitions are of ${left.length} and ${right.length} samples.`, {
      fix: 'Give a part from 0 up for each sample, of the same samples; leave samples without a label out.',
    });
  }
  if (left.length === 0) throw new UnlabelError('DATASET_EMPTY', 'There are no samples to compare.');
  const parts = (of: Int32Array) => of.reduce((most, part) => Math.max(most, part), 0) + 1;
  const table: Contingency = {
    counts: new Float64Array(parts(left) * parts(right)),
    left: new Float64Array(parts(left)),
    right: new Float64Array(parts(right)),
    total: left.length,
  };
  left.forEach((part, sample) => {
    const other = right[sample] ?? 0;
    for (const [counts, at] of [
      [table.counts, part * table.right.length + other],
      [table.left, part],
      [table.right, other],
    ] as const) {
      counts[at] = (counts[at] ?? 0) + 1;
    }
  });
  return table;
}

function entropy(counts: Float64Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => (count > 0 ? sum - (count / total) * Math.log(count / total) : sum), 0);
}

/**
 * The column of each row in the assignment of least cost, by shortest augmenting paths with potentials.
 * @param costs square
 * @see Kuhn, Naval Research Logistics Quarterly 2, 1955; Jonker & Volgenant, Computing 38, 1987
 */
function cheapestMatching(costs: readonly Float64Array[]): Int32Array {
  const size = costs.length;
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1); // of a column; both from 1, 0 is none
  for (let row = 1; row <= size; row++) {
    const from = new Int32Array(size + 1);
    const slack = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY);
    const done = new Uint8Array(size + 1);
    let column = 0;
    rowOf[0] = row;
    do {
      done[column] = 1;
      const current = rowOf[column] ?? 0;
      let [next, least] = [0, Number.POSITIVE_INFINITY];
      for (let other = 1; other <= size; other++) {
        if (done[other]) continue;
        const reduced =
          (costs[current - 1]?.[other - 1] ?? 0) - (rowPotential[current] ?? 0) - (columnPotential[other] ?? 0);
        if (reduced < (slack[other] ?? 0)) {
          slack[other] = reduced;
          from[other] = column;
        }
        if ((slack[other] ?? 0) < least) [next, least] = [other, slack[other] ?? 0];
      }
      for (let other = 0; other <= size; other++) {
        if (done[other]) {
          const owner = rowOf[other] ?? 0;
          rowPotential[owner] = (rowPotential[owner] ?? 0) + least;
          columnPotential[other] = (columnPotential[other] ?? 0) - least;
        } else slack[other] = (slack[other] ?? 0) - least;
      }
      column = next;
    } while (rowOf[column] !== 0);
    for (; column !== 0; column = from[column] ?? 0) rowOf[column] = rowOf[from[column] ?? 0] ?? 0;
  }
  const matched = new Int32Array(size);
  for (let column = 1; column <= size; column++) matched[(rowOf[column] ?? 1) - 1] = column - 1;
  return matched;
}
