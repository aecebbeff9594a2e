import { type Evaluator, type LabelledFeatures, UnlabelError } from '@unlabel/core';
import { admit, type SplitOptions } from './admit';
import {
  type Classification,
  classificationFigures,
  classificationOf,
  rankClasses,
  rankingDepth,
} from './classification';
import { nearestOfAdmitted } from './nearestNeighbours';

export interface WeightedKnnOptions extends SplitOptions {
  /** k, neighbours that vote, 1 … bank.count (default 20). */ readonly k?: number;
  /** τ, temperature of the votes, > 0: the smaller, the more the nearest decides (default 0.07). */
  readonly temperature?: number;
}

/** The protocols that figures in papers come from: DINO's is the default here, lightly's benchmarks have their own. */
export const knnProtocols = {
  dino: { k: 20, temperature: 0.07 },
  lightly: { k: 200, temperature: 0.1 },
} as const satisfies Readonly<Record<string, WeightedKnnOptions>>;

/**
 * Weighted k-nearest-neighbour classification: with s the cosine similarity, each of the k nearest bank rows votes
 * exp(s/τ) for its class. Defaults are DINO's (k 20, τ 0.07); `knnProtocols.lightly` has lightly's (k 200, τ 0.1), and
 * Instance Discrimination, whose protocol it is, takes k 200, τ 0.07. Equal similarities go to the earlier bank row,
 * equal votes to the lower class; an all-zero row has similarity 0 to everything.
 * @throws UnlabelError `INVALID_OPTION`, `SPLITS_OVERLAP`, and those of features and labels: `SHAPE_MISMATCH`,
 * `LABELS_MISSING`, `LABELS_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see Wu et al., CVPR 2018, https://arxiv.org/abs/1805.01978, §3.4; Caron et al., ICCV 2021, https://arxiv.org/abs/2104.14294
 */
export function weightedKnn(
  bank: LabelledFeatures,
  test: LabelledFeatures,
  options: WeightedKnnOptions = {},
): Classification {
  const { k = 20, temperature: tau = 0.07 } = options;
  requireTemperature(tau);
  const { bank: known, warnings } = admit(bank, test, options);
  const neighbours = nearestOfAdmitted(known, test, k);
  const depth = rankingDepth(known.classes);
  const ranked = new Int32Array(test.count * depth);
  for (let query = 0; query < test.count; query++) {
    const rows = neighbours.rows.subarray(query * k, (query + 1) * k);
    const similarities = neighbours.similarities.subarray(query * k, (query + 1) * k);
    rankClasses(votes(rows, similarities, known, tau), ranked.subarray(query * depth, (query + 1) * depth));
  }
  return classificationOf(ranked, test.labels, warnings);
}

/** {@link weightedKnn} as an evaluator, with the figures and details of every classifier: `accuracy`, `meanClassAccuracy`, … */
export function knnEvaluator(options: WeightedKnnOptions = {}): Evaluator {
  return {
    name: 'knn',
    evaluate: async (bank, test, _seed, notes) => classificationFigures(weightedKnn(bank, test, options), test, notes),
  };
}

/** Σ exp(s/τ) of each class; relative to the nearest, so that no temperature overflows. */
function votes(rows: Int32Array, similarities: Float32Array, bank: LabelledFeatures, tau: number): Float64Array {
  const sums = new Float64Array(bank.classes);
  const nearest = similarities[0] ?? 0;
  rows.forEach((row, place) => {
    const label = bank.labels[row] ?? 0;
    sums[label] = (sums[label] ?? 0) + Math.exp(((similarities[place] ?? 0) - nearest) / tau);
  });
  return sums;
}

function requireTemperature(tau: number): void {
  if (tau > 0) return;
  throw new UnlabelError('INVALID_OPTION', `temperature is ${tau}.`, { fix: 'Choose a positive one, such as 0.07.' });
}
