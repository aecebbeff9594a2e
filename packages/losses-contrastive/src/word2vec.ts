import { type RandomStream, requireViews, tf, UnlabelError } from '@unlabel/core';

/**
 * Skip-gram with negative sampling, eq. 4, as a loss averaged over the pairs: −log σ(u·v) − Σₖ log σ(−u·vₖ).
 * @param center u, vectors of the centre words, `[batch, dim]`
 * @param context v, output vectors of words near them, same shape
 * @param negatives vₖ, output vectors of words drawn by {@link negativeSampler}, `[batch, negatives, dim]`
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Mikolov et al., NeurIPS 2013, https://arxiv.org/abs/1310.4546
 */
export function skipGramLoss(center: tf.Tensor2D, context: tf.Tensor2D, negatives: tf.Tensor3D): tf.Scalar {
  requireViews({ center, context });
  const [batch, dim] = center.shape;
  if (negatives.rank !== 3 || negatives.shape[0] !== batch || negatives.shape[2] !== dim) {
    throw new UnlabelError('SHAPE_MISMATCH', `center is [${batch},${dim}] but negatives is [${negatives.shape}].`, {
      fix: 'Give negatives as [batch, negatives, dim].',
    });
  }
  return tf.tidy(() => {
    const near = tf.sum(tf.mul(center, context), 1);
    const far = tf.sum(tf.mul(tf.expandDims(center, 1), negatives), 2);
    return tf.mean(tf.add(tf.softplus(tf.neg(near)), tf.sum(tf.softplus(far), 1))); // softplus(x) = −log σ(−x)
  });
}

export interface NegativeSamplerOptions {
  /** Frequencies are raised to this, in [0, 1]: 0 draws all words alike (default ¾). */ power?: number;
}

/**
 * Draws words in proportion to their frequency to the power of ¾, sec. 2.2: the noise of {@link skipGramLoss}.
 * @param counts how often each word occurs, 0 or more
 * @returns draws that many words, by their place in `counts`
 * @throws UnlabelError `INVALID_OPTION`
 */
export function negativeSampler(
  counts: ArrayLike<number>,
  options: NegativeSamplerOptions = {},
): (random: RandomStream, draws: number) => Int32Array {
  const { power = 0.75 } = options;
  requireCounts(counts, power);
  const ends = Float64Array.from(counts, (count) => (count > 0 ? count ** power : 0));
  for (let word = 1; word < ends.length; word++) ends[word] = (ends[word] ?? 0) + (ends[word - 1] ?? 0);
  const total = ends.at(-1) ?? 0;
  return (random, draws) => Int32Array.from({ length: draws }, () => firstBeyond(ends, random.uniform(0, total)));
}

/** The first place whose value is above the target, in values that never fall. */
function firstBeyond(values: Float64Array, target: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

function requireCounts(counts: ArrayLike<number>, power: number): void {
  if (!(power >= 0 && power <= 1)) {
    throw new UnlabelError('INVALID_OPTION', `power is ${power}.`, { fix: 'Give a number from 0 to 1, such as 0.75.' });
  }
  const all = Array.from(counts);
  if (all.every((count) => count >= 0 && Number.isFinite(count)) && all.some((count) => count > 0)) return;
  throw new UnlabelError('INVALID_OPTION', 'counts must be 0 or more, and not all 0.', {
    fix: 'Give how often each word occurs.',
  });
}
