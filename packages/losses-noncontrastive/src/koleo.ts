import { normaliseRows, requireViews, tf } from '@unlabel/core';

export interface KoleoOptions {
  /** ε, added to differences and to distances, > 0, so that equal rows stay finite (default 1e-8). */ epsilon?: number;
}

/**
 * KoLeo, the differential-entropy regulariser of §4 of DINOv2: −1/n Σᵢ log(dᵢ), dᵢ = minⱼ≠ᵢ ‖ẑᵢ − ẑⱼ‖ with ẑ = z/‖z‖.
 * It pushes each row off its nearest neighbour; the gradient reaches both. Equal rows repel with a gradient of order 1/ε.
 * @param z features, `[batch, dim]`, batch ≥ 2, not normalised
 * @throws UnlabelError `BATCH_TOO_SMALL`, `SHAPE_MISMATCH`
 * @see Sablayrolles et al., ICLR 2019, https://arxiv.org/abs/1806.03198; Oquab et al. 2023, https://arxiv.org/abs/2304.07193
 */
export function koleoLoss(z: tf.Tensor2D, options: KoleoOptions = {}): tf.Scalar {
  const { epsilon = 1e-8 } = options;
  requireViews({ z }, { minBatch: 2 });
  return tf.tidy(() => {
    const unit = normaliseRows(z);
    const difference = tf.add(tf.sub(unit, tf.gather(unit, nearest(unit))), epsilon);
    const distance = tf.sqrt(tf.sum(tf.square(difference), 1));
    return tf.neg(tf.mean(tf.log(tf.add(distance, epsilon))));
  });
}

/** Of each row of unit length the nearest other one, `[batch]` int32: the one of largest cosine. */
function nearest(unit: tf.Tensor2D): tf.Tensor1D {
  const cosines = tf.matMul(unit, unit, false, true);
  return tf.argMax(tf.sub(cosines, tf.mul(tf.eye(unit.shape[0]), 3)), 1); // itself at −2, below any
}
