import { type Evaluator, type LabelledFeatures, randomStream, UnlabelError } from '@unlabel/core';
import { top1Accuracy } from './accuracy';
import { admit, type SplitOptions } from './admit';
import { type Classification, classificationFigures, classificationOf } from './classification';
import { takeRows } from './features';
import { classify, rankByScores, type SoftmaxFit, softmaxRegression } from './softmaxRegression';
import { standardiser } from './standardise';

export interface LinearProbeOptions extends SplitOptions {
  /**
   * Weight of the penalty (l2/2)‖W‖² beside the mean cross-entropy, ≥ 0; several are tried on held-out bank rows
   * (default 1e-4, 1e-3, 1e-2, 1e-1, 1).
   */
  readonly l2?: number | readonly number[];
  /** Whether each dimension is shifted and scaled to mean 0, standard deviation 1 over the bank (default true). */
  readonly standardise?: boolean;
  /** Share of the bank that is held out to choose among penalties, in (0, 1) (default 0.2). */
  readonly heldOut?: number;
  /** Of the choice of held-out rows (default 0). */ readonly seed?: number;
}

/** How a penalty did on the held-out bank rows. */
export interface PenaltyTrial {
  readonly l2: number;
  /** In [0, 1]. */ readonly accuracy: number;
}

/** What a linear classifier on frozen features reaches. */
export interface LinearProbeResult extends Classification {
  /** The penalty used. */ readonly l2: number;
  /** Held-out accuracy of each penalty tried, largest penalty first; empty when one was given. */
  readonly trials: readonly PenaltyTrial[];
  /** The classifier, on features as standardised, and its fit on the whole bank. */ readonly fit: SoftmaxFit;
}

/**
 * The linear probe: multinomial logistic regression on frozen features, minimising mean cross-entropy + (l2/2)‖W‖²
 * (C = 1/(l2·bank.count) in scikit-learn). The penalty is chosen on held-out rows of the bank, never on the test rows,
 * and the classifier is then fitted to the whole bank.
 * @throws UnlabelError `INVALID_OPTION`, `SPLITS_OVERLAP`, and those of features and labels: `SHAPE_MISMATCH`,
 * `LABELS_MISSING`, `LABELS_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see Kornblith, Shlens & Le, CVPR 2019, https://arxiv.org/abs/1805.08974: L-BFGS probes with a swept penalty
 */
export function linearProbe(
  bank: LabelledFeatures,
  test: LabelledFeatures,
  options: LinearProbeOptions = {},
): LinearProbeResult {
  const { l2 = [1e-4, 1e-3, 1e-2, 1e-1, 1], standardise = true, heldOut = 0.2, seed = 0 } = options;
  const admitted = admit(bank, test, options);
  const penalties = typeof l2 === 'number' ? [l2] : [...l2].sort((left, right) => right - left);
  requireOptions(penalties, heldOut, admitted.bank.count);
  const scale = standardise ? standardiser(admitted.bank) : <Data>(data: Data) => data;
  const known = scale(admitted.bank);
  const trials = penalties.length > 1 ? tryPenalties(known, penalties, { heldOut, seed }) : [];
  const best = trials.reduce((left, right) => (right.accuracy > left.accuracy ? right : left), {
    l2: penalties[0] ?? 0,
    accuracy: -1,
  });
  const fit = softmaxRegression(known).fit(best.l2);
  const classification = classificationOf(rankByScores(fit, scale(test)), test.labels, admitted.warnings);
  return { ...classification, l2: best.l2, trials, fit };
}

/** {@link linearProbe} as an evaluator: the figures and details of every classifier, and the chosen `l2`. */
export function linearProbeEvaluator(options: Omit<LinearProbeOptions, 'seed'> = {}): Evaluator {
  return {
    name: 'linear-probe',
    evaluate: async (bank, test, seed, notes) => {
      const result = linearProbe(bank, test, { ...options, seed });
      return { ...classificationFigures(result, test, notes), l2: result.l2 };
    },
  };
}

/** Fits each penalty to the rows that are not held out, each from the fit of the last, and scores it on those that are. */
function tryPenalties(
  bank: LabelledFeatures,
  penalties: readonly number[],
  split: { readonly heldOut: number; readonly seed: number },
): PenaltyTrial[] {
  const order = randomStream([split.seed, 'linear-probe']).permutation(bank.count);
  const heldOutRows = Math.min(Math.max(1, Math.round(split.heldOut * bank.count)), bank.count - 1);
  const heldOut = takeRows(bank, order.subarray(0, heldOutRows));
  const problem = softmaxRegression(takeRows(bank, order.subarray(heldOutRows)));
  let start: SoftmaxFit | undefined;
  return penalties.map((l2) => {
    start = problem.fit(l2, start ? { start, tolerance: 2e-4 } : { tolerance: 2e-4 }); // enough to rank penalties
    return { l2, accuracy: top1Accuracy(classify(start, heldOut), heldOut.labels) };
  });
}

function requireOptions(penalties: readonly number[], heldOut: number, bankCount: number): void {
  const bad = penalties.find((penalty) => !(penalty >= 0 && Number.isFinite(penalty)));
  if (penalties.length === 0 || bad !== undefined) {
    throw new UnlabelError('INVALID_OPTION', `l2 is ${bad ?? 'an empty list'}.`, {
      fix: 'Give one number from 0 up, or several to choose from.',
    });
  }
  if (penalties.length > 1 && !(heldOut > 0 && heldOut < 1 && bankCount > 1)) {
    throw new UnlabelError('INVALID_OPTION', `heldOut is ${heldOut} of ${bankCount} bank rows.`, {
      fix: 'Hold out a share between 0 and 1, such as 0.2, or give a single l2.',
    });
  }
}
