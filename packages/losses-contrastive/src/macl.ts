import {
  analyticGradient,
  normaliseRows,
  requirePositive,
  requireViews,
  stopGradient,
  tf,
  UnlabelError,
} from '@unlabel/core';
import { negatives } from './negatives';

export interface MaclOptions {
  /** τ₀, the temperature while positives are as alike as A₀, > 0 (default 0.1). */ temperature?: number;
  /** α, how far the temperature follows the alignment, from 0 and below 1/(1 + A₀) (default 0.5). */ alpha?: number;
  /** A₀, the alignment to begin with, in [−1, 1] (default 0). */ initialAlignment?: number;
}

/**
 * Model-aware contrastive loss, averaged over all 2N anchors: −log Pᵢ / (1 − Pᵢ), where Pᵢ is the softmax in NT-Xent of
 * the positive at the temperature τ = τ₀[1 + α(A − A₀)], which rises with the alignment A, the mean cosine of positives.
 * No gradient flows through A, nor through 1/(1 − Pᵢ), which makes up for NT-Xent's gradient vanishing as Pᵢ nears 1.
 * @param z0 projections of view 0, `[batch, dim]`, batch ≥ 2, not normalised
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Huang et al., Model-Aware Contrastive Learning, ICML 2023, https://arxiv.org/abs/2207.07874
 */
export function maclLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: MaclOptions = {}): tf.Scalar {
  const { temperature: tau0 = 0.1, alpha = 0.5, initialAlignment: a0 = 0 } = options;
  requireViews({ z0, z1 }, { minBatch: 2 });
  requirePositive({ temperature: tau0 });
  requireAlpha(alpha, a0);
  return tf.tidy(() => {
    const [unit0, unit1] = [normaliseRows(z0), normaliseRows(z1)];
    const cosines: tf.Tensor1D = tf.sum(tf.mul(unit0, unit1), 1);
    const alignment = stopGradient(tf.mean(cosines)); // A
    const tau = tf.mul<tf.Scalar>(tau0, tf.add(1, tf.mul(alpha, tf.sub(alignment, a0))));
    const margins = [negatives(unit0, unit1, tau), negatives(unit1, unit0, tau)].map((sum) =>
      tf.sub<tf.Tensor1D>(sum, tf.div(cosines, tau)),
    );
    return tf.mean(reweighted(tf.concat1d(margins)));
  });
}

/**
 * −log P / (1 − P) of the margin d, the logarithm of Σ exp over negatives less the positive's: P = 1/(1 + eᵈ). While
 * 1/(1 − P) = 1 + e⁻ᵈ is held, the derivative is that of −log P, P eᵈ, times it: 1.
 */
function reweighted(d: tf.Tensor1D): tf.Tensor1D {
  const forward = () => {
    const near = tf.maximum(d, -20); // below, where e⁻ᵈ may overflow, the value is 1 to float32
    const surprise = tf.add(tf.relu(near), tf.log1p(tf.exp(tf.neg(tf.abs(near))))); // −log P
    const value: tf.Tensor1D = tf.mul(surprise, tf.add(1, tf.exp(tf.neg(near))));
    return { value, saved: [] };
  };
  return analyticGradient<tf.Tensor1D>([d], forward, (dy) => [dy]);
}

function requireAlpha(alpha: number, a0: number): void {
  if (alpha >= 0 && alpha * (1 + a0) < 1 && Math.abs(a0) <= 1) return;
  throw new UnlabelError('INVALID_OPTION', `alpha is ${alpha} and initialAlignment ${a0}.`, {
    fix: 'Give an initialAlignment in [−1, 1], and an alpha from 0 and below 1/(1 + initialAlignment).',
  });
}
