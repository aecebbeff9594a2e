import { type Evaluator, randomStream } from '@unlabel/core';
import { collapsedWarning } from './admit';
import { featureStd } from './featureStd';
import { type Features, takeRows } from './features';
import { singularValues } from './spectrum';

export interface RankMeOptions {
  /** ε, added to each p so that its logarithm exists (default 1e-7; stable-pretraining takes 1e-5). */
  readonly epsilon?: number;
}

/**
 * RankMe, eq. 1: exp(−Σ pₖ log pₖ) with pₖ = σₖ/Σσ + ε over the singular values of the features, not centred: a smooth
 * count of the dimensions in use, from 1 (one direction) to min(count, dim). With ε = 0 it is Roy and Vetterli's
 * effective rank. 0 when every feature is 0. Compare it only between equal counts, and at least a few times dim.
 * @param data its labels, if any, are not looked at
 * @throws UnlabelError `DATASET_EMPTY`, `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 * @see Garrido et al., ICML 2023, https://arxiv.org/abs/2210.02885
 */
export function rankMe(data: Features, options: RankMeOptions = {}): number {
  const { epsilon = 1e-7 } = options;
  const sigma = singularValues(data);
  const total = sigma.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  const p = sigma.map((value) => value / total + epsilon);
  return Math.exp(-p.reduce((sum, share) => (share > 0 ? sum + share * Math.log(share) : sum), 0));
}

export interface RankMeEvaluatorOptions extends RankMeOptions {
  /** Bank rows used at most, drawn at random (default 2,000): the figure has settled by a few times dim. */
  readonly samples?: number;
}

/** {@link rankMe} and {@link featureStd} of the bank as an evaluator: figures `rankMe` and `featureStd`; no labels needed. */
export function rankMeEvaluator(options: RankMeEvaluatorOptions = {}): Evaluator {
  const { samples = 2000 } = options;
  return {
    name: 'rankme',
    evaluate: async (bank, _test, seed, notes) => {
      // Banks are often sorted by class: the first rows would be of a few classes only.
      const rows = randomStream([seed, 'rankme']).permutation(bank.count).subarray(0, samples);
      const part = bank.count > samples ? takeRows(bank, rows) : bank;
      const figures = { rankMe: rankMe(part, options), featureStd: featureStd(part) };
      if (figures.featureStd === 0) notes?.warnings.push(collapsedWarning);
      return figures;
    },
  };
}
