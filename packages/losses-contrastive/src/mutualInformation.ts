import { tf } from '@unlabel/core';
import { infoNceLoss } from './infoNce';

export interface MutualInformationOptions {
  /** τ of the critic exp(cos/τ), > 0 (default 0.07); the bound is tightest at some τ that depends on the encoder. */
  temperature?: number | tf.Scalar;
}

/**
 * A lower bound of the mutual information of two views in nats, eq. 5: I(Z₀; Z₁) ≥ log N − L, with InfoNCE L over a batch of
 * N. It cannot exceed log N, so measure with a batch as large as the information that is expected.
 * @param z0 projections of view 0, `[batch, dim]`, not normalised, of samples that are independent of each other
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see van den Oord, Li & Vinyals, 2018, https://arxiv.org/abs/1807.03748
 */
export function mutualInformationBound(
  z0: tf.Tensor2D,
  z1: tf.Tensor2D,
  options: MutualInformationOptions = {},
): tf.Scalar {
  return tf.tidy(() => tf.sub(Math.log(z0.shape[0]), infoNceLoss(z0, z1, options)));
}
