import { logSumExp, tf } from '@unlabel/core';

/**
 * log Σ_{j≠i} [exp(⟨zᵢ, zⱼ⟩/τ) + exp(⟨zᵢ, zⱼ′⟩/τ)]: how strongly both views of other samples compete with i's positive,
 * which the sum leaves out.
 * @param z unit projections of the anchors' view, `[batch, dim]`, batch ≥ 2
 * @param other z′, those of the other view, same shape
 * @returns `[batch]`
 */
export function negatives(z: tf.Tensor2D, other: tf.Tensor2D, tau: number | tf.Scalar): tf.Tensor1D {
  const similarities = tf.matMul(tf.div(z, tau), tf.concat2d([z, other], 0), false, true); // `[batch, 2 · batch]`
  const own = tf.tile(tf.eye(z.shape[0]), [1, 2]);
  const below = tf.sub(tf.div(-2, tau), 200); // similarities lie in ±1/τ, and exp(−200) is 0 in float32
  return logSumExp(tf.add(similarities, tf.mul(own, below)));
}
