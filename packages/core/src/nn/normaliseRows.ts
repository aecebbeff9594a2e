import { tf } from '../tf';
import { analyticGradient } from './analyticGradient';

/**
 * ẑ = z/‖z‖ along the last axis. Where ‖z‖ is 0 there is no direction to learn: ẑ stays 0, and its gradient is 0 rather
 * than NaN.
 * @param z `[…, dim]`
 */
export function normaliseRows<T extends tf.Tensor = tf.Tensor2D>(z: T): T {
  return analyticGradient<T>(
    [z],
    () => {
      const squares = tf.sum(tf.square(z), -1, true);
      const inverse = tf.where(tf.greater(squares, 1e-24), tf.rsqrt(tf.maximum(squares, 1e-24)), 0);
      const value: T = tf.mul(z, inverse);
      return { value, saved: [value, inverse] };
    },
    (dy, unit, inverse) => [tf.mul(inverse, tf.sub(dy, tf.mul(unit, tf.sum(tf.mul(dy, unit), -1, true))))],
  );
}
