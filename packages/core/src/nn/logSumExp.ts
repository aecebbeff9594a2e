import { tf } from '../tf';
import { analyticGradient } from './analyticGradient';

/**
 * log Σⱼ exp(sⱼ) of each row, `[rows]`, for scores of any size. Its gradient, the softmax, reads the exponentials that the
 * value needed anyway.
 * @param scores s, `[rows, columns]`, finite
 */
export function logSumExp(scores: tf.Tensor2D): tf.Tensor1D {
  return analyticGradient<tf.Tensor1D>(
    [scores],
    () => {
      const most = tf.max(scores, 1, true); // exp of anything larger than 88 overflows
      const exponentials = tf.exp(tf.sub(scores, most));
      const total = tf.sum(exponentials, 1, true);
      return { value: tf.reshape(tf.add(tf.log(total), most), [scores.shape[0]]), saved: [exponentials, total] };
    },
    (dy, exponentials, total) => [tf.mul(exponentials, tf.div(tf.reshape(dy, [-1, 1]), total))],
  );
}
