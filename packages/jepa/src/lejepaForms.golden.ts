import { analyticGradient, tf } from '@unlabel/core';
import { logNormalCdf, normalQuantile } from './normalDistribution';

/** Φ⁻¹((i − π/8)/(n + 1/4)), the default of LeJEPA's code: Elfving's numerator over Blom's denominator. */
export function elfvingScores(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => normalQuantile((i + 1 - Math.PI / 8) / (count + 0.25)));
}

/**
 * log Φ(x) as in LeJEPA's code: beyond ±3, Φ(−|x|) is φ(x)/√(0.344x² + 0.656|x| + 5.334). The approximation of Börjesson
 * & Sundberg, IEEE Transactions on Communications 1979, with these constants has 0.344√(x² + 5.334) + 0.656|x| there.
 */
export function approximateLogCdf(x: tf.Tensor): tf.Tensor {
  const z = tf.abs(x);
  const squares = tf.square(z);
  const denominator = tf.add(tf.add(tf.mul(0.344, squares), tf.mul(0.656, z)), 5.334);
  const exponent = tf.add(squares, tf.add(tf.log(denominator), Math.log(2 * Math.PI)));
  const tail = tf.mul(-0.5, exponent);
  const above = tf.log1p(tf.neg(tf.exp(tail)));
  const far = tf.add(
    above,
    tf.mul(
      whether(x, (at) => tf.less(at, 0)),
      tf.sub(tail, above),
    ),
  );
  const near = logNormalCdf(x);
  return tf.add(
    near,
    tf.mul(
      whether(z, (at) => tf.greater(at, 3)),
      tf.sub(far, near),
    ),
  );
}

/** 1 where it holds and 0 where not; comparisons have no gradient of their own. */
function whether(x: tf.Tensor, holds: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  return analyticGradient(
    [x],
    () => ({ value: tf.cast(holds(x), 'float32'), saved: [] }),
    (dy) => [tf.zerosLike(dy)],
  );
}
