import { UnlabelError } from '@unlabel/core';

/**
 * Share of predictions that equal their label, in [0, 1].
 * @param predictions class index per sample
 * @param labels class index per sample
 * @throws UnlabelError `LABELS_MISMATCH`, `DATASET_EMPTY`
 */
export function top1Accuracy(predictions: Int32Array, labels: Int32Array): number {
  requirePairs(predictions, labels);
  return predictions.filter((prediction, index) => prediction === labels[index]).length / labels.length;
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

function requirePairs(predictions: Int32Array, labels: Int32Array): void {
  if (predictions.length !== labels.length) {
    throw new UnlabelError(
      'LABELS_MISMATCH',
      `There are ${predictions.length} predictions for ${labels.length} labels.`,
      { fix: 'Give one prediction per label.' },
    );
  }
  if (labels.length === 0) throw new UnlabelError('DATASET_EMPTY', 'There are no predictions to score.');
}
