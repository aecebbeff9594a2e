import { UnlabelError } from '@unlabel/core';

/**
 * Share of predictions that equal their label, in [0, 1]. Samples of label −1, not known, are not counted.
 * @param predictions class index per sample
 * @param labels class index per sample
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`
 */
export function top1Accuracy(predictions: Int32Array, labels: Int32Array): number {
  return topkAccuracy(predictions, labels, 1);
}

/**
 * Share of samples whose label is among the first k of their ranking, in [0, 1].
 * @param ranked class indices `[labels.length, depth]`, row-major, likeliest first
 * @param k 1 … depth
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`, `INVALID_OPTION`
 */
export function topkAccuracy(ranked: Int32Array, labels: Int32Array, k: number): number {
  requirePairs(ranked, labels);
  const depth = ranked.length / labels.length;
  if (!(Number.isInteger(k) && k >= 1 && k <= depth)) {
    throw new UnlabelError('INVALID_OPTION', `k is ${k}, but ${depth} classes are ranked.`, {
      fix: `Choose a whole number from 1 to ${depth}.`,
    });
  }
  let hits = 0;
  labels.forEach((label, row) => {
    if (label >= 0 && ranked.subarray(row * depth, row * depth + k).includes(label)) hits++;
  });
  return hits / labelledCount(labels);
}

/**
 * Counts `[classes, classes]`, row-major: entry (label, prediction) is how often samples of class `label` were taken
 * for class `prediction`.
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`
 */
export function confusionMatrix(predictions: Int32Array, labels: Int32Array, classes: number): Int32Array {
  requirePairs(predictions, labels);
  const counts = new Int32Array(classes * classes);
  labels.forEach((label, index) => {
    if (label < 0) return;
    const cell = label * classes + (predictions[index] ?? 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  });
  return counts;
}

/**
 * Share of each class's samples that were predicted as it, in [0, 1]; NaN for a class without samples.
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`
 */
export function perClassAccuracy(predictions: Int32Array, labels: Int32Array, classes: number): Float64Array {
  const counts = confusionMatrix(predictions, labels, classes);
  return Float64Array.from({ length: classes }, (_, label) => {
    const row = counts.subarray(label * classes, (label + 1) * classes);
    return (row[label] ?? 0) / row.reduce((total, count) => total + count, 0);
  });
}

/** Mean of {@link perClassAccuracy} over the classes that have samples: unmoved by class imbalance. */
export function meanClassAccuracy(predictions: Int32Array, labels: Int32Array, classes: number): number {
  const present = perClassAccuracy(predictions, labels, classes).filter((share) => !Number.isNaN(share));
  return present.reduce((total, share) => total + share, 0) / present.length;
}

/**
 * √(p(1 − p)/n): how far an accuracy moves between draws of test sets of this size.
 * @param accuracy p, in [0, 1]
 * @param count n, test samples, ≥ 1
 * @throws UnlabelError `INVALID_OPTION`
 */
export function standardError(accuracy: number, count: number): number {
  requireShare(accuracy, count);
  return Math.sqrt((accuracy * (1 - accuracy)) / count);
}

/** Where a figure lies with a stated confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of an accuracy, which keeps to [0, 1] and does not vanish at its ends.
 * @param accuracy p, in [0, 1]
 * @param count n, test samples, ≥ 1
 * @param z two-sided point of the normal distribution (default 1.96: 95 %)
 * @throws UnlabelError `INVALID_OPTION`
 * @see Wilson, Journal of the American Statistical Association 22, 1927
 */
export function wilsonInterval(accuracy: number, count: number, z = 1.959964): Interval {
  requireShare(accuracy, count);
  const shrink = 1 + z ** 2 / count;
  const centre = (accuracy + z ** 2 / (2 * count)) / shrink;
  const half = (z / shrink) * Math.sqrt((accuracy * (1 - accuracy)) / count + (z / (2 * count)) ** 2);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** How many labels are known. */
export function labelledCount(labels: Int32Array): number {
  return labels.reduce((count, label) => count + (label >= 0 ? 1 : 0), 0);
}

function requirePairs(predictions: Int32Array, labels: Int32Array): void {
  if (labels.length === 0 || labelledCount(labels) === 0) {
    throw new UnlabelError('DATASET_EMPTY', 'There are no labelled predictions to score.');
  }
  if (predictions.length === 0 || predictions.length % labels.length !== 0) {
    throw new UnlabelError(
      'LABELS_MISMATCH',
      `There are ${predictions.length} predictions for ${labels.length} labels.`,
      { fix: 'Give one prediction per label, or a ranking of equal depth.' },
    );
  }
}

function requireShare(accuracy: number, count: number): void {
  if (accuracy >= 0 && accuracy <= 1 && count >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `The accuracy is ${accuracy} of ${count} samples.`, {
    fix: 'Give a share in [0, 1] and one sample or more.',
  });
}
