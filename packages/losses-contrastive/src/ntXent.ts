import { fusedOp, logSumExp, normaliseRows, requirePositive, requireViews, tf, UnlabelError } from '@unlabel/core';

export interface NtXentOptions {
  /**
   * τ, divides the cosine similarities, > 0; a scalar where it is learned or scheduled (default 0.5, the paper's for
   * CIFAR-10; 0.1 for ImageNet).
   */
  temperature?: number | tf.Scalar;
}

/**
 * NT-Xent, eq. 1, averaged over all 2N anchors: ℓ(i, j) = −log( exp(sim(zᵢ, zⱼ)/τ) / Σ_{k≠i} exp(sim(zᵢ, z_k)/τ) ),
 * where j is i's other view and k runs over both views of the batch.
 * @param z0 projections of view 0, `[batch, dim]`, not normalised; a row of zeros is similar to nothing and gets no gradient
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Chen, Kornblith, Norouzi & Hinton, ICML 2020, https://arxiv.org/abs/2002.05709
 */
export function ntXentLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: NtXentOptions = {}): tf.Scalar {
  requireViews({ z0, z1 });
  return multiViewNtXentLoss([z0, z1], options);
}

/**
 * NT-Xent over V views, as solo-learn has it: −log( Σⱼ exp(sim(zᵢ, zⱼ)/τ) / Σ_{k≠i} exp(sim(zᵢ, z_k)/τ) ) with all
 * V − 1 other views j of i's sample summed inside the logarithm; averaged over all V·N anchors.
 * @param views projections of two or more views, each `[batch, dim]`, not normalised
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 */
export function multiViewNtXentLoss(views: readonly tf.Tensor2D[], options: NtXentOptions = {}): tf.Scalar {
  const { temperature: tau = 0.5 } = options;
  requireViews(Object.fromEntries(views.map((z, view) => [`z${view}`, z])));
  requirePositive({ temperature: tau });
  requireTwo(views);
  return tf.tidy(() => {
    const z: tf.Tensor2D = tf.concat2d([...views], 0); // view-major: sample i of view v is row v·batch + i
    const temperature = typeof tau === 'number' ? tf.scalar(tau) : tau;
    return fusedOp('ntXent', { z, temperature }, { views: views.length, decoupled: false }, (inputs) =>
      composed(inputs.z, typeof tau === 'number' ? tau : inputs.temperature, views.length),
    );
  });
}

/** The loss of views one after the other, `[views · batch, dim]`. */
function composed(views: tf.Tensor, tau: number | tf.Tensor, count: number): tf.Scalar {
  const unit = normaliseRows(views);
  const z: tf.Tensor2D = tf.div(unit, typeof tau === 'number' ? Math.sqrt(tau) : tf.sqrt(tau)); // zᵢ·z_k = sim(zᵢ, z_k)/τ
  return tf.mean(tf.sub(othersLogSumExp(z), logSumExp(positives(z, count))));
}

/** log Σ_{k≠i} exp(zᵢ·z_k), `[rows]`. */
function othersLogSumExp(z: tf.Tensor2D): tf.Tensor1D {
  const others: tf.Tensor2D = tf.add(tf.matMul(z, z, false, true), tf.mul(tf.eye(z.shape[0]), -1e9)); // exp of it is 0
  return logSumExp(others);
}

/** sim(zᵢ, zⱼ)/τ with the other views j of the same sample, `[rows, views − 1]`. */
function positives(z: tf.Tensor2D, views: number): tf.Tensor2D {
  const byView = tf.split<tf.Tensor2D>(z, views);
  const similarities = byView.slice(1).map((_, view) => {
    const others = tf.concat2d([...byView.slice(view + 1), ...byView.slice(0, view + 1)], 0);
    return tf.sum<tf.Tensor2D>(tf.mul(z, others), 1, true);
  });
  return tf.concat2d(similarities, 1);
}

function requireTwo(views: readonly tf.Tensor2D[]): void {
  if (views.length >= 2) return;
  throw new UnlabelError('SHAPE_MISMATCH', `There is ${views.length} view.`, { fix: 'Contrast two views or more.' });
}
