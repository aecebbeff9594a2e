import { analyticGradient, tf } from '@unlabel/core';

/**
 * The tokens of `from` that have the nearest neighbours in `to`, best first, and these neighbours. Gradients reach the tokens;
 * which ones match has none.
 * @param from `[batch, tokens, dim]`
 * @param to `[batch, others, dim]`
 * @param distances of each token to each other one, `[batch, tokens, others]`
 * @param most how many matches count; all of `from` where that is fewer
 * @returns two tensors `[batch, min(most, tokens), dim]`
 */
export function nearestTokens(
  from: tf.Tensor3D,
  to: tf.Tensor3D,
  distances: tf.Tensor3D,
  most: number,
): readonly [matched: tf.Tensor3D, neighbours: tf.Tensor3D] {
  const count = Math.min(most, from.shape[1]);
  const best = offTape(() => tf.topk(tf.neg(tf.min(distances, 2)), count).indices);
  const nearest = offTape(() => tf.gather(tf.argMin(distances, 2), best, 1, 1));
  return [tf.gather(from, best, 1, 1), tf.gather(to, nearest, 1, 1)];
}

/** ‖aᵢ − bⱼ‖² of all tokens, `[batch, tokens of a, tokens of b]`. */
export function squaredDistances(a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  const squares = (tokens: tf.Tensor3D) => tf.sum(tf.square(tokens), 2, true);
  const lengths = tf.add(squares(a), tf.transpose(squares(b), [0, 2, 1]));
  return tf.sub(lengths, tf.mul(2, tf.matMul(a, b, false, true)));
}

/** Computes what is no function to differentiate: `tf.topk` has no gradient, not even 0. */
function offTape<T extends tf.Tensor>(compute: () => T): T {
  return analyticGradient<T>(
    [],
    () => ({ value: compute(), saved: [] }),
    () => [],
  );
}
