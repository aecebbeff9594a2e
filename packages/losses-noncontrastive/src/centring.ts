import { sinkhorn, stopGradient, tf } from '@unlabel/core';

/** How the teacher is kept from one prototype: by subtracting a centre c, `[1, prototypes]`, or by Sinkhorn–Knopp. */
export type Centring = tf.Tensor | 'sinkhorn';

/**
 * DINO, P_t of eq. 1: the teacher's logits centred, sharpened, and without a gradient; `[rows, prototypes]`.
 * @param rowWeights 1 for rows among which Sinkhorn–Knopp shares the prototypes out, `[rows]` (default: all)
 */
export function teacherTargets(
  teacher: tf.Tensor2D,
  center: Centring,
  tau: number | tf.Scalar,
  rowWeights?: tf.Tensor1D,
): tf.Tensor2D {
  if (center === 'sinkhorn') return sinkhorn(teacher, { epsilon: tau, ...(rowWeights && { rowWeights }) });
  return stopGradient(tf.softmax(tf.div(tf.sub(teacher, tf.reshape(center, [1, -1])), tau)));
}

export interface CenterOptions {
  /** m, share of the old centre, in [0, 1] (default 0.9). */ momentum?: number;
  /** 1 for rows that count and 0 for others, `[rows]` (default: all count). */ rowWeights?: tf.Tensor1D;
}

/**
 * DINO, eq. 4: c ← m c + (1 − m)·mean of the teacher's logits.
 * @param center c, `[1, prototypes]`
 * @param teacher logits of the batch, all views, `[rows, prototypes]`
 */
export function updatedCenter(center: tf.Tensor, teacher: tf.Tensor2D, options: CenterOptions = {}): tf.Tensor2D {
  const { momentum: m = 0.9, rowWeights } = options;
  return tf.tidy(() => {
    const weights = rowWeights ?? tf.ones([teacher.shape[0]]);
    const share = tf.div(weights, tf.maximum(tf.sum(weights), 1));
    const mean: tf.Tensor2D = tf.matMul(tf.reshape(share, [1, -1]), teacher);
    return tf.add(tf.mul(m, center), tf.mul(1 - m, mean));
  });
}
