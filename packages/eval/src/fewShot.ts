import { type Evaluator, type LabelledFeatures, randomStream, UnlabelError } from '@unlabel/core';
import { top1Accuracy } from './accuracy';
import { requireBankAndTest, takeRows } from './features';
import { classify, softmaxRegression } from './softmaxRegression';
import { standardiser } from './standardise';

export interface FewShotOptions {
  /** Labelled samples of each class (default 10). */ readonly perClass?: number;
  /** How many times samples are drawn anew, 2 … 31 (default 5). */ readonly draws?: number;
  /** Weight of the penalty (l2/2)‖W‖² of the linear classifier, ≥ 0 (default 0.1). */ readonly l2?: number;
  /** Of the draws (default 0). */ readonly seed?: number;
}

/** Accuracy with few labels, over draws of which ones. */
export interface FewShotResult {
  /** Mean over draws, in [0, 1]. */ readonly accuracy: number;
  /** Half-width of the 95 % confidence interval of the mean (Student's t); it leaves out the sampling of the test rows. */
  readonly confidence95: number;
  /** Of a single draw. */ readonly standardDeviation: number;
  /** Each draw's accuracy. */ readonly draws: readonly number[];
}

/** Two-sided 95 % points of Student's t for 1 … 30 degrees of freedom. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * Few-shot classification: a linear classifier (see `linearProbe`) fitted to `perClass` bank rows of each class, drawn
 * without replacement, scored on all test rows. Features are standardised by the whole bank, which takes no labels. The
 * penalty is fixed: so few rows leave none to choose it on.
 * @throws UnlabelError `INVALID_OPTION` when a class has fewer than `perClass` bank rows or `draws` is out of range, and
 * those of features and labels: `SHAPE_MISMATCH`, `LABELS_MISSING`, `LABELS_MISMATCH`, `DATASET_EMPTY`,
 * `FEATURES_NOT_FINITE`
 */
export function fewShot(bank: LabelledFeatures, test: LabelledFeatures, options: FewShotOptions = {}): FewShotResult {
  const { perClass = 10, draws = 5, l2 = 0.1, seed = 0 } = options;
  requireBankAndTest(bank, test);
  requireOptions(draws, l2);
  const scaled = standardiser(bank);
  const [pool, queries] = [scaled(bank), scaled(test)];
  const accuracies = Array.from({ length: draws }, (_, draw) => {
    const shots = takeRows(pool, drawShots(bank, perClass, [seed, 'few-shot', draw]));
    return top1Accuracy(classify(softmaxRegression(shots).fit(l2), queries), test.labels);
  });
  const accuracy = accuracies.reduce((sum, value) => sum + value, 0) / draws;
  const squares = accuracies.reduce((sum, value) => sum + (value - accuracy) ** 2, 0);
  const standardDeviation = Math.sqrt(squares / (draws - 1));
  const confidence95 = ((studentT[draws - 2] ?? 0) * standardDeviation) / Math.sqrt(draws);
  return { accuracy, confidence95, standardDeviation, draws: accuracies };
}

/** {@link fewShot} as an evaluator: figures `accuracy`, `confidence95` and `standardDeviation`. */
export function fewShotEvaluator(options: Omit<FewShotOptions, 'seed'> = {}): Evaluator {
  return {
    name: 'few-shot',
    evaluate: async (bank, test, seed) => {
      const { accuracy, confidence95, standardDeviation } = fewShot(bank, test, { ...options, seed });
      return { accuracy, confidence95, standardDeviation };
    },
  };
}

/** Rows of `perClass` samples of each class. */
function drawShots(
  { labels, count, classes }: LabelledFeatures,
  perClass: number,
  key: readonly (number | string)[],
): Int32Array {
  const drawn: number[][] = Array.from({ length: classes }, () => []);
  for (const row of randomStream(key).permutation(count)) {
    const ofClass = drawn[labels[row] ?? 0];
    if (ofClass && ofClass.length < perClass) ofClass.push(row);
  }
  const short = drawn.findIndex((rows) => rows.length !== perClass || perClass < 1);
  if (short >= 0) {
    throw new UnlabelError(
      'INVALID_OPTION',
      `perClass is ${perClass}, but the bank has ${drawn[short]?.length} rows of class ${short}.`,
      { fix: 'Choose a whole number that every class can give.' },
    );
  }
  return Int32Array.from(drawn.flat());
}

function requireOptions(draws: number, l2: number): void {
  if (!Number.isInteger(draws) || draws < 2 || draws > studentT.length + 1) {
    throw new UnlabelError('INVALID_OPTION', `draws is ${draws}.`, {
      fix: `Choose a whole number from 2 to ${studentT.length + 1}: the interval needs more than one.`,
    });
  }
  if (!(l2 >= 0 && Number.isFinite(l2))) {
    throw new UnlabelError('INVALID_OPTION', `l2 is ${l2}.`, { fix: 'Choose a number from 0 up.' });
  }
}
