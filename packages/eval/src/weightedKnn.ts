import { type Evaluator, type LabelledFeatures, UnlabelError } from '@unlabel/core';
import { meanClassAccuracy, top1Accuracy } from './accuracy';
import { requireBankAndTest, unitRows } from './features';
import { matrixMemory, writeRows } from './matrixMemory';

export interface WeightedKnnOptions {
  /** k, neighbours that vote, 1 … bank.count (default 20). */ readonly k?: number;
  /** τ, temperature of the votes, > 0: the smaller, the more the nearest decides (default 0.07). */
  readonly temperature?: number;
}

/** What a classifier said of the test samples. */
export interface Classification {
  /** Share of `predictions` that are right, in [0, 1]. */ readonly accuracy: number;
  /** Class index per test row. */ readonly predictions: Int32Array;
}

const queriesAtOnce = 128; // their rows stay in cache while the bank streams past

/**
 * Weighted k-nearest-neighbour classification: with s the cosine similarity, each of the k nearest bank rows votes
 * exp(s/τ) for its class. Defaults are DINO's (k 20, τ 0.07); Instance Discrimination, whose protocol it is, and lightly
 * take k 200, and lightly τ 0.1. Equal similarities go to the earlier bank row, equal votes to the lower class; an
 * all-zero row has similarity 0 to everything.
 * @throws UnlabelError `INVALID_OPTION`, and those of features and labels: `SHAPE_MISMATCH`, `LABELS_MISSING`,
 * `LABELS_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see Wu et al., CVPR 2018, https://arxiv.org/abs/1805.01978, §3.4; Caron et al., ICCV 2021, https://arxiv.org/abs/2104.14294
 */
export function weightedKnn(
  bank: LabelledFeatures,
  test: LabelledFeatures,
  options: WeightedKnnOptions = {},
): Classification {
  const { k = 20, temperature: tau = 0.07 } = options;
  requireBankAndTest(bank, test);
  requireOptions(k, tau, bank.count);
  const memory = matrixMemory();
  const bankRows = memory.matrix(bank.count, bank.dim, unitRows(bank));
  const queries = memory.matrix(queriesAtOnce, test.dim);
  const similarities = memory.matrix(queriesAtOnce, bank.count);
  const testRows = unitRows(test);
  const predictions = new Int32Array(test.count);
  for (let first = 0; first < test.count; first += queriesAtOnce) {
    const count = Math.min(queriesAtOnce, test.count - first);
    writeRows(queries, testRows.subarray(first * test.dim, (first + count) * test.dim));
    memory.dotProducts(queries, bankRows, similarities);
    for (let query = 0; query < count; query++) {
      const start = query * similarities.stride;
      const nearest = kNearest(similarities.values.subarray(start, start + bank.count), k);
      predictions[first + query] = vote(nearest, bank, tau);
    }
  }
  return { accuracy: top1Accuracy(predictions, test.labels), predictions };
}

/** {@link weightedKnn} as an evaluator: figures `accuracy` and `meanClassAccuracy`. */
export function knnEvaluator(options: WeightedKnnOptions = {}): Evaluator {
  return {
    name: 'knn',
    evaluate: async (bank, test) => {
      const { accuracy, predictions } = weightedKnn(bank, test, options);
      return { accuracy, meanClassAccuracy: meanClassAccuracy(predictions, test.labels, test.classes) };
    },
  };
}

/** Bank rows and their similarities, nearest first. */
interface Neighbours {
  readonly rows: Int32Array;
  readonly similarities: Float64Array;
}

/** The k largest, kept sorted by insertion: few candidates beat the k-th once the first rows have passed. */
function kNearest(candidates: Float32Array, k: number): Neighbours {
  const rows = new Int32Array(k);
  const similarities = new Float64Array(k).fill(Number.NEGATIVE_INFINITY);
  let threshold = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < candidates.length; row++) {
    const similarity = candidates[row] ?? 0;
    if (similarity <= threshold) continue;
    let place = k - 1;
    for (; place > 0 && (similarities[place - 1] ?? 0) < similarity; place--) {
      similarities[place] = similarities[place - 1] ?? 0;
      rows[place] = rows[place - 1] ?? 0;
    }
    similarities[place] = similarity;
    rows[place] = row;
    threshold = similarities[k - 1] ?? 0;
  }
  return { rows, similarities };
}

/** The class with the largest Σ exp(s/τ); relative to the nearest, so that no temperature overflows. */
function vote({ rows, similarities }: Neighbours, bank: LabelledFeatures, tau: number): number {
  const votes = new Float64Array(bank.classes);
  const nearest = similarities[0] ?? 0;
  rows.forEach((row, place) => {
    const label = bank.labels[row] ?? 0;
    votes[label] = (votes[label] ?? 0) + Math.exp(((similarities[place] ?? 0) - nearest) / tau);
  });
  return votes.reduce((best, weight, label) => (weight > (votes[best] ?? 0) ? label : best), 0);
}

function requireOptions(k: number, tau: number, bankCount: number): void {
  if (!Number.isInteger(k) || k < 1 || k > bankCount) {
    throw new UnlabelError('INVALID_OPTION', `k is ${k}, but the bank has ${bankCount} rows.`, {
      fix: `Choose a whole number from 1 to ${bankCount}.`,
    });
  }
  if (!(tau > 0)) {
    throw new UnlabelError('INVALID_OPTION', `temperature is ${tau}.`, { fix: 'Choose a positive one, such as 0.07.' });
  }
}
