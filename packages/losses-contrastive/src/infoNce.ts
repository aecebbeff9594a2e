import { normaliseRows, requirePositive, requireViews, rowLogSumExp, tf, UnlabelError } from '@unlabel/core';
import { requireRows } from './requireRows';

export interface InfoNceOptions {
  /** τ, divides the cosine similarities, > 0; a scalar where it is learned or scheduled (default 0.07). */
  temperature?: number | tf.Scalar;
  /** Which candidate is each anchor's positive, int32 `[batch]`, in 0 … candidates − 1 (default: that of the same row). */
  targets?: tf.Tensor1D;
}

/**
 * InfoNCE, eq. 4, in one direction, averaged over the anchors: −log( exp(sim(aᵢ, cₜ)/τ) / Σⱼ exp(sim(aᵢ, cⱼ)/τ) ), where
 * sim is the cosine, t is i's target and j runs over all candidates.
 * @param anchors `[batch, dim]`, not normalised
 * @param candidates `[candidates, dim]`, not normalised; as many as anchors unless there are `targets`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see van den Oord, Li & Vinyals, 2018, https://arxiv.org/abs/1807.03748
 */
export function infoNceLoss(anchors: tf.Tensor2D, candidates: tf.Tensor2D, options: InfoNceOptions = {}): tf.Scalar {
  const { temperature: tau = 0.07, targets } = options;
  requirePositive({ temperature: tau });
  if (targets) requireTargets(anchors, candidates, targets);
  else requireViews({ anchors, candidates });
  return tf.tidy(() => {
    const [a, c] = [normaliseRows(anchors), normaliseRows(candidates)];
    const positives = tf.sum(tf.mul(a, targets ? tf.gather(c, targets) : c), 1);
    return tf.mean(tf.sub(rowLogSumExp(tf.div(a, tau), c), tf.div(positives, tau)));
  });
}

function requireTargets(anchors: tf.Tensor2D, candidates: tf.Tensor2D, targets: tf.Tensor1D): void {
  requireRows({ anchors, candidates });
  if (targets.size === anchors.shape[0] && targets.rank === 1 && targets.dtype === 'int32') return;
  const given = `${targets.dtype} [${targets.shape}]`;
  throw new UnlabelError('SHAPE_MISMATCH', `targets is ${given} for ${anchors.shape[0]} anchors.`, {
    fix: 'Give the row of one candidate for each anchor, as int32.',
  });
}
