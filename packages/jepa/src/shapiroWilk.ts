import { normaliseRows, tf, UnlabelError } from '@unlabel/core';
import { normalScores } from './normalDistribution';
import { orderStatistics } from './orderStatistics';
import { requireSamples } from './requireSamples';

export interface ShapiroWilkOptions {
  /** m, where ordered samples are expected, one number for each sample, not all 0 (default: Blom's scores). */
  scores?: readonly number[];
}

/**
 * Shapiro–Wilk statistic with the weights of Shapiro & Francia, 1 − m·x₍₎/(‖m‖‖x‖): how far the quantile–quantile plot is
 * from a straight line through the origin. It sees no change of scale; it sees a shift, since x is not centred, as in the
 * code of LeJEPA. Its scores are Φ⁻¹((i − π/8)/(n + 1/4)) by default.
 * @param samples `[..., samples, columns]`; each column is one sample of n numbers
 * @returns the statistic of each column, `[..., columns]`, in [0, 2]
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Shapiro & Francia, Journal of the American Statistical Association 1972, https://doi.org/10.2307/2284728
 */
export function shapiroWilk(samples: tf.Tensor, options: ShapiroWilkOptions = {}): tf.Tensor {
  requireSamples(samples, 2);
  const n = samples.shape.at(-2) ?? 2;
  const { scores: m = normalScores(n) } = options;
  if (m.length !== n) {
    throw new UnlabelError('INVALID_OPTION', `There are ${m.length} scores for ${n} samples.`, {
      fix: 'Give one score for each sample, in ascending order.',
    });
  }
  const length = Math.hypot(...m);
  return tf.tidy(() => {
    const x = normaliseRows<tf.Tensor>(orderStatistics(samples));
    const weights = m.map((score) => score / length);
    return tf.sub(1, tf.sum(tf.mul(x, weights), -1));
  });
}
