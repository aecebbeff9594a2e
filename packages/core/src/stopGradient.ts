import { analyticGradient } from './nn/analyticGradient';
import { tf } from './tf';

/**
 * sg(x): x itself, through which no gradient flows. For targets that the trained network makes; a teacher's variables are
 * not trained and need none.
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return analyticGradient<T>(
    [x],
    () => ({ value: tf.clone(x), saved: [] }),
    (dy) => [tf.zerosLike(dy)],
  );
}

/**
 * x itself, whose gradient is multiplied by `scale`: 0 freezes it, −1 is gradient reversal. A scheduled 0 that turns 1
 * keeps a layer still for the first steps; a decoupled weight decay shrinks it all the same.
 */
export function scaleGradient<T extends tf.Tensor>(x: T, scale: number | tf.Scalar): T {
  return analyticGradient<T>(
    [x],
    () => ({ value: tf.clone(x), saved: [typeof scale === 'number' ? tf.scalar(scale) : scale] }),
    (dy, factor) => [tf.mul(dy, factor)],
  );
}
