import { type Evaluator, UnlabelError } from '@unlabel/core';
import { type Features, requireFeatures, requireSameDim, unitRows } from './features';

/** How closely similarities follow scores that people gave. */
export interface SimilarityCorrelation {
  /** Of ranks, in [−1, 1]; equal values share the mean of their ranks. */ readonly spearman: number;
  /** Of values, in [−1, 1]. */ readonly pearson: number;
}

/**
 * Semantic textual similarity: correlation of the cosine similarities of pairs with given scores.
 * @param left embeddings of the first texts, `[count, dim]`
 * @param right embeddings of the second texts, same shape
 * @param scores of the pairs, `[count]`, on any scale
 * @throws UnlabelError `SHAPE_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`, and `INVALID_OPTION` for fewer than two
 * pairs, scores that are not finite, and similarities or scores that are all equal, which correlate with nothing
 * @see Cer et al., SemEval 2017, https://arxiv.org/abs/1708.00055; Reimers et al., COLING 2016, on Spearman's coefficient
 */
export function similarityCorrelation(
  left: Features,
  right: Features,
  scores: ArrayLike<number>,
): SimilarityCorrelation {
  requireFeatures({ left, right });
  requireSameDim(left, right, 'right');
  const { count, dim } = left;
  if (right.count !== count || scores.length !== count) {
    const message = `There are ${count} and ${right.count} rows and ${scores.length} scores.`;
    throw new UnlabelError('SHAPE_MISMATCH', message, { fix: 'Give two rows and one score a pair.' });
  }
  const [a, b] = [unitRows(left), unitRows(right)];
  const similarities = Float64Array.from({ length: count }, (_, row) => {
    let product = 0;
    for (let at = row * dim; at < (row + 1) * dim; at++) product += (a[at] ?? 0) * (b[at] ?? 0);
    return product;
  });
  const given = Float64Array.from(scores);
  requireSpread({ similarities, scores: given });
  return { spearman: pearson(ranks(similarities), ranks(given)), pearson: pearson(similarities, given) };
}

/** What {@link similarityCorrelationEvaluator} compares with. */
export interface SimilarityCorrelationOptions {
  /** Of each pair, in the order of the rows, on any scale. */ readonly scores: readonly number[];
}

/** {@link similarityCorrelation} as an evaluator: row for row, the bank holds the first of each pair and the test set the second. */
export function similarityCorrelationEvaluator({ scores }: SimilarityCorrelationOptions): Evaluator {
  return {
    name: 'similarity-correlation',
    evaluate: async (left, right) => ({ ...similarityCorrelation(left, right, scores) }),
  };
}

function pearson(left: Float64Array, right: Float64Array): number {
  const [a, b] = [centred(left), centred(right)];
  const product = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return Math.min(1, Math.max(-1, product / (norm(a) * norm(b))));
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** From 1; equal values share the mean of the ranks that they take. */
function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  const ranked = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[first] ?? 0]) end++;
    for (const at of order.slice(first, end)) ranked[at] = (first + 1 + end) / 2;
    first = end;
  }
  return ranked;
}

function requireSpread(named: Readonly<Record<string, Float64Array>>): void {
  for (const [name, values] of Object.entries(named)) {
    if (values.every(Number.isFinite) && values.some((value) => value !== values[0])) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} are ${values.length} values, all equal or not all finite.`, {
      fix: 'A correlation needs two different values or more.',
    });
  }
}
