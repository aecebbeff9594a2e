import { logSumExp, tf } from '@unlabel/core';

/**
 * −meanᵢ log softmax(sᵢ)ᵢ: how badly rows tell the column of their own number from the others.
 * @param scores `[batch, batch]`
 * @param labelSmoothing share of the target that is spread over all columns, in [0, 1)
 */
export function matchingEntropy(scores: tf.Tensor2D, labelSmoothing = 0): tf.Scalar {
  const own = tf.sum(tf.mul(scores, tf.eye(scores.shape[0])), 1);
  const target = tf.add(tf.mul(1 - labelSmoothing, own), tf.mul(labelSmoothing, tf.mean(scores, 1)));
  return tf.mean(tf.sub(logSumExp(scores), target));
}
