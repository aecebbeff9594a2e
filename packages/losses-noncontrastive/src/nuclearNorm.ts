import { analyticGradient, tf } from '@unlabel/core';

/** Enough for singular values down to 1e-5 of the largest: each step multiplies small ones by 1.5. */
const iterations = 30;

/**
 * ‖Z‖_* = Σ σᵢ, the sum of the singular values of each matrix, without a decomposition: with Z = U Σ Vᵀ it is ⟨Z, U Vᵀ⟩,
 * and U Vᵀ is its gradient. Good to 1e-5; singular values of 0, as in collapse, have a gradient no longer than 1.
 * @param z `[count, rows, columns]`
 * @returns `[count]`
 */
export function nuclearNorm(z: tf.Tensor3D): tf.Tensor1D {
  return analyticGradient<tf.Tensor1D>(
    [z],
    () => {
      const polar = polarFactor(z);
      return { value: tf.sum(tf.mul(z, polar), [1, 2]), saved: [polar] };
    },
    (dy, polar) => [tf.mul(tf.reshape(dy, [-1, 1, 1]), polar)],
  );
}

/**
 * U Vᵀ by Newton–Schulz, X ← ½ X (3I − XᵀX), which takes every singular value of X in (0, √3) towards 1, from X = Z/‖Z‖_F.
 * It stays stable where roots of ZᵀZ would not: rounding never makes a singular value negative.
 */
function polarFactor(z: tf.Tensor3D): tf.Tensor3D {
  const tall = z.shape[1] > z.shape[2];
  const identity = tf.eye(Math.min(z.shape[1], z.shape[2]));
  const norms = tf.sqrt(tf.sum(tf.square(z), [1, 2], true));
  let polar: tf.Tensor3D = tf.div(z, tf.maximum(norms, 1e-12)); // zeros stay zeros
  for (let step = 0; step < iterations; step++) {
    const gram = tf.matMul(polar, polar, tall, !tall); // the smaller of XᵀX and XXᵀ
    const half: tf.Tensor3D = tf.mul(0.5, tf.sub(tf.mul(3, identity), gram));
    polar = tall ? tf.matMul(polar, half) : tf.matMul(half, polar);
  }
  return polar;
}
