import { analyticGradient, tf } from '@unlabel/core';
import { requireSamples } from './requireSamples';

/**
 * x₍₁₎ ≤ … ≤ x₍ₙ₎: the samples of each column in ascending order. A gradient goes to the sample that took the place.
 * @param samples `[..., samples, columns]`
 * @returns `[..., columns, samples]`
 * @throws UnlabelError `SHAPE_MISMATCH`
 */
export function orderStatistics(samples: tf.Tensor): tf.Tensor {
  requireSamples(samples);
  const axes = samples.shape.map((_, axis) => axis);
  return tf.tidy(() => {
    const columns = tf.transpose(samples, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
    const rows: tf.Tensor2D = tf.reshape(columns, [-1, columns.shape.at(-1) ?? 1]);
    return tf.reshape(sortedRows(rows), columns.shape);
  });
}

/** Back to where they came from, through the inverse of the permutation: the order of its indices. */
function sortedRows(rows: tf.Tensor2D): tf.Tensor2D {
  const count = rows.shape[1];
  return analyticGradient<tf.Tensor2D>(
    [rows],
    () => {
      const { values, indices } = tf.topk(tf.neg(rows), count); // descending
      return { value: tf.neg(values), saved: [indices] };
    },
    (dy, indices) => [tf.gather(dy, tf.topk(tf.neg(indices), count).indices, 1, 1)],
  );
}
