import { requirePositive, tf, UnlabelError } from '@unlabel/core';

export interface VjepaOptions {
  /** p, power of the distance, > 0 (default 1). */ exponent?: number;
}

/**
 * V-JEPA, eq. 1 averaged over masks: mean |z − h|^p / p between predicted tokens and those of a teacher.
 * @param predictions z, one for each mask, `[batch, tokens, dim]`; masks may hold different numbers of tokens
 * @param targets h, of the same shapes, standardised before they are picked, as `ijepaTargets` does
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Bardes et al., 2024, https://arxiv.org/abs/2404.08471
 */
export function vjepaLoss(
  predictions: readonly tf.Tensor3D[],
  targets: readonly tf.Tensor3D[],
  options: VjepaOptions = {},
): tf.Scalar {
  const { exponent: p = 1 } = options;
  requirePositive({ exponent: p });
  requirePairs(predictions, targets);
  return tf.tidy(() => {
    const distances = predictions.map((z, mask) => tf.mean(distance(tf.sub(z, targets[mask] ?? 0), p)));
    return tf.div(tf.addN(distances), p * distances.length);
  });
}

/** |d|^p, whose gradient at 0 is 0 for any p. */
function distance(difference: tf.Tensor, p: number): tf.Tensor {
  const size = tf.abs(difference);
  return p === 1 ? size : tf.pow(tf.maximum(size, 1e-12), p);
}

/**
 * V-JEPA's optional variance term (weight 0 in the paper): mean relu(1 − σ), where σ is the unbiased standard deviation of each
 * dimension over the predicted tokens of a sample, with 1e-4 under the root, averaged over masks.
 * @param predictions one for each mask, `[batch, tokens, dim]`, tokens ≥ 2
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Bardes et al., 2024, https://arxiv.org/abs/2404.08471
 */
export function vjepaRegulariser(predictions: readonly tf.Tensor3D[]): tf.Scalar {
  requirePairs(predictions, predictions, 2);
  return tf.tidy(() => {
    const deviations = predictions.map((z) => {
      const unbiased = z.shape[1] / (z.shape[1] - 1); // tf.moments divides by tokens
      return tf.sqrt(tf.add(tf.mul(tf.moments(z, 1).variance, unbiased), 1e-4));
    });
    return tf.mean(tf.relu(tf.sub(1, tf.div(tf.addN(deviations), deviations.length))));
  });
}

function requirePairs(predictions: readonly tf.Tensor3D[], targets: readonly tf.Tensor3D[], minTokens = 1): void {
  const shapes = predictions.map((z, mask) => [z.shape, targets[mask]?.shape ?? []] as const);
  const fit = shapes.every(([z, h]) => z.length === 3 && z.join() === h.join() && (z[1] ?? 0) >= minTokens);
  if (fit && predictions.length === targets.length && predictions.length > 0) return;
  const given = (tensors: readonly tf.Tensor3D[]) => tensors.map(({ shape }) => `[${shape}]`).join(', ') || 'none';
  throw new UnlabelError('SHAPE_MISMATCH', `predictions are ${given(predictions)}, targets ${given(targets)}.`, {
    fix: `Give a prediction and a target [batch, tokens, dim] for each mask, of ${minTokens} tokens or more.`,
  });
}
