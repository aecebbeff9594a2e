import type { EvaluationNotes } from '@unlabel/core';
import {
  confusionMatrix,
  labelledCount,
  meanClassAccuracy,
  perClassAccuracy,
  standardError,
  top1Accuracy,
  topkAccuracy,
  wilsonInterval,
} from './accuracy';

/** What a classifier said of the test samples. */
export interface Classification {
  /** Share of `predictions` that are right, in [0, 1]. */ readonly accuracy: number;
  /** Class index per test row. */ readonly predictions: Int32Array;
  /** The likeliest classes `[test.count, min(5, classes)]`, row-major, likeliest first: for `topkAccuracy`. */
  readonly ranked: Int32Array;
  /** What must be known of the figures: rows left out, classes without rows, constant features. */
  readonly warnings: readonly string[];
}

/** How many classes of a ranking are kept. */
export function rankingDepth(classes: number): number {
  return Math.min(5, classes);
}

/** Writes the classes of the largest scores into `ranked`, likeliest first; equal scores by class. */
export function rankClasses(scores: ArrayLike<number>, ranked: Int32Array): void {
  const depth = ranked.length;
  for (let label = 0, kept = 0; label < scores.length; label++) {
    const score = scores[label] ?? 0;
    if (kept === depth && !(score > (scores[ranked[depth - 1] ?? 0] ?? 0))) continue;
    let place = Math.min(kept, depth - 1);
    for (; place > 0 && score > (scores[ranked[place - 1] ?? 0] ?? 0); place--) ranked[place] = ranked[place - 1] ?? 0;
    ranked[place] = label;
    if (kept < depth) kept++;
  }
}

/** A classification from the rankings of its rows. */
export function classificationOf(ranked: Int32Array, labels: Int32Array, warnings: readonly string[]): Classification {
  const depth = ranked.length / labels.length;
  const predictions = labels.map((_, row) => ranked[row * depth] ?? 0);
  return { accuracy: top1Accuracy(predictions, labels), predictions, ranked, warnings };
}

/**
 * What evaluators report of a classification: `accuracy`, `meanClassAccuracy`, `standardError` and, of more than five
 * classes, `top5Accuracy`. Into the notes go the details `confusionMatrix` (a row per label), `perClassAccuracy` (null
 * for a class without samples) and `interval95` (Wilson's), and the warnings.
 */
export function classificationFigures(
  { accuracy, predictions, ranked, warnings }: Classification,
  { labels, classes }: { readonly labels: Int32Array; readonly classes: number },
  notes?: EvaluationNotes,
): Record<string, number> {
  const count = labelledCount(labels);
  if (notes) {
    const counts = confusionMatrix(predictions, labels, classes);
    notes.details.confusionMatrix = Array.from({ length: classes }, (_, label) => [
      ...counts.subarray(label * classes, (label + 1) * classes),
    ]);
    notes.details.perClassAccuracy = [...perClassAccuracy(predictions, labels, classes)].map((share) =>
      Number.isNaN(share) ? null : share,
    );
    const { low, high } = wilsonInterval(accuracy, count);
    notes.details.interval95 = [low, high];
    notes.warnings.push(...warnings);
  }
  return {
    accuracy,
    meanClassAccuracy: meanClassAccuracy(predictions, labels, classes),
    standardError: standardError(accuracy, count),
    ...(classes > 5 && { top5Accuracy: topkAccuracy(ranked, labels, 5) }),
  };
}
