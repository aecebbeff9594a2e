import { type Evaluator, type LabelledFeatures, randomStream, UnlabelError } from '@unlabel/core';
import { top1Accuracy } from './accuracy';
import { admit, type SplitOptions } from './admit';
import { takeRows } from './features';
import { meanInterval } from './meanInterval';
import { classify, softmaxRegression } from './softmaxRegression';
import { standardiser } from './standardise';

export interface FewShotOptions extends SplitOptions {
  /** Labelled samples of each class (default 10). */ readonly perClass?: number;
  /** How many times samples are drawn anew, 2 … 31 (default 5). */ readonly draws?: number;
  /** Weight of the penalty (l2/2)‖W‖² of the linear classifier, ≥ 0 (default 0.1). */ readonly l2?: number;
  /** Of the draws (default 0). */ readonly seed?: number;
}

/** Accuracy with few labels, over draws of which ones. */
export interface FewShotResult {
  /** Labelled samples of each class. */ readonly perClass: number;
  /** Mean over draws, in [0, 1]. */ readonly accuracy: number;
  /** Half-width of the 95 % confidence interval of the mean (Student's t); it leaves out the sampling of the test rows. */
  readonly confidence95: number;
  /** Of a single draw. */ readonly standardDeviation: number;
  /** Each draw's accuracy. */ readonly draws: readonly number[];
  /** What must be known of the figures. */ readonly warnings: readonly string[];
}

/**
 * Few-shot classification: a linear classifier (see `linearProbe`) fitted to `perClass` bank rows of each class, drawn
 * without replacement, scored on all test rows. Features are standardised by the whole bank, which takes no labels. The
 * penalty is fixed: so few rows leave none to choose it on.
 * @throws UnlabelError `INVALID_OPTION` when a class has fewer than `perClass` bank rows or `draws` is out of range,
 * `SPLITS_OVERLAP`, and those of features and labels: `SHAPE_MISMATCH`, `LABELS_MISSING`, `LABELS_MISMATCH`,
 * `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 */
export function fewShot(bank: LabelledFeatures, test: LabelledFeatures, options: FewShotOptions = {}): FewShotResult {
  const { perClass = 10, ...others } = options;
  const [result] = fewShotCurve(bank, test, { ...others, perClass: [perClass] });
  if (!result) throw new Error('A curve of one point has none.');
  return result;
}

export interface FewShotCurveOptions extends Omit<FewShotOptions, 'perClass'> {
  /** Labelled samples of each class, several numbers of them (default 1, 5 and 10). */ readonly perClass?: readonly number[];
}

/**
 * {@link fewShot} for several numbers of labels. A draw of few samples is part of the same draw of more, so that the
 * curve is of one labelling that goes on.
 * @throws UnlabelError as {@link fewShot}
 */
export function fewShotCurve(
  bank: LabelledFeatures,
  test: LabelledFeatures,
  options: FewShotCurveOptions = {},
): readonly FewShotResult[] {
  const { perClass = [1, 5, 10], draws = 5, l2 = 0.1, seed = 0 } = options;
  const { bank: known, warnings } = admit(bank, test, options);
  requireOptions(perClass, draws, l2);
  const scaled = standardiser(known);
  const [pool, queries] = [scaled(known), scaled(test)];
  return perClass.map((shots) => {
    const accuracies = Array.from({ length: draws }, (_, draw) => {
      const rows = takeRows(pool, drawShots(known, shots, [seed, 'few-shot', draw]));
      return top1Accuracy(classify(softmaxRegression(rows).fit(l2), queries), test.labels);
    });
    return { perClass: shots, ...meanOf(accuracies), warnings };
  });
}

const mostDraws = 31;

/** The mean of draws, and the interval that Student's t gives it. */
function meanOf(draws: readonly number[]) {
  const { mean: accuracy, confidence95 = 0, standardDeviation = 0 } = meanInterval(draws); // there are two or more
  return { accuracy, confidence95, standardDeviation, draws };
}

export interface FewShotEvaluatorOptions extends Omit<FewShotOptions, 'seed' | 'perClass'> {
  /** Labelled samples of each class, or several numbers of them (default 10). */
  readonly perClass?: number | readonly number[];
}

/**
 * {@link fewShotCurve} as an evaluator: figures `accuracy`, `confidence95` and `standardDeviation` of the largest number of
 * labels; where there are several, `accuracy5`, `confidence95Of5`, … for each; detail `draws`.
 */
export function fewShotEvaluator(options: FewShotEvaluatorOptions = {}): Evaluator {
  const { perClass = 10, ...others } = options;
  const counts = typeof perClass === 'number' ? [perClass] : [...perClass].sort((left, right) => left - right);
  return {
    name: 'few-shot',
    evaluate: async (bank, test, seed, notes) => {
      const curve = fewShotCurve(bank, test, { ...others, perClass: counts, seed });
      const most = curve.at(-1);
      if (!most) throw new Error('A curve without points was not refused.');
      notes?.warnings.push(...most.warnings);
      if (notes) notes.details.draws = Object.fromEntries(curve.map((point) => [point.perClass, point.draws]));
      const each = curve.flatMap((point) => [
        [`accuracy${point.perClass}`, point.accuracy],
        [`confidence95Of${point.perClass}`, point.confidence95],
      ]);
      const { accuracy, confidence95, standardDeviation } = most;
      return { accuracy, confidence95, standardDeviation, ...(curve.length > 1 && Object.fromEntries(each)) };
    },
  };
}

/** Rows of `perClass` samples of each class. @throws UnlabelError `INVALID_OPTION` where a class has fewer */
export function drawShots(
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

function requireOptions(perClass: readonly number[], draws: number, l2: number): void {
  if (perClass.length === 0) {
    throw new UnlabelError('INVALID_OPTION', 'perClass is an empty list.', { fix: 'Give a number of labels or more.' });
  }
  if (!Number.isInteger(draws) || draws < 2 || draws > mostDraws) {
    throw new UnlabelError('INVALID_OPTION', `draws is ${draws}.`, {
      fix: `Choose a whole number from 2 to ${mostDraws}: the interval needs more than one.`,
    });
  }
  if (!(l2 >= 0 && Number.isFinite(l2))) {
    throw new UnlabelError('INVALID_OPTION', `l2 is ${l2}.`, { fix: 'Choose a number from 0 up.' });
  }
}
