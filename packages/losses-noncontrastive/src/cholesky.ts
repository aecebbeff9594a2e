import { analyticGradient, tf } from '@unlabel/core';

/**
 * W = L⁻¹, where M = L Lᵀ is the Cholesky factorisation of each matrix: lower triangular, with W M Wᵀ = I. Its gradient is
 * ∂M = ½ Wᵀ (P + Pᵀ) W, where P is the lower triangle of −∂W Wᵀ with half of the diagonal (Murray 2016, sec. 3.2, for L).
 * @param matrices M, `[count, dim, dim]`, symmetric and positive definite; of others the result is not finite
 * @returns `[count, dim, dim]`
 * @see Murray, Differentiation of the Cholesky decomposition, 2016, https://arxiv.org/abs/1602.07527
 */
export function inverseCholesky(matrices: tf.Tensor3D): tf.Tensor3D {
  return analyticGradient<tf.Tensor3D>(
    [matrices],
    () => {
      const inverse = byHalves(matrices);
      return { value: inverse, saved: [inverse] };
    },
    (dy, inverse) => {
      const product = tf.matMul(dy, inverse, false, true);
      const lower = tf.mul(product, halvedLowerTriangle(matrices.shape[1]));
      const symmetric = tf.add(lower, tf.transpose(lower, [0, 2, 1]));
      return [tf.mul(-0.5, tf.matMul(inverse, tf.matMul(symmetric, inverse), true))];
    },
  );
}

/** log det M = −2 Σ log Wᵢᵢ of each matrix of {@link inverseCholesky}, `[count]`. */
export function logDeterminant(matrices: tf.Tensor3D): tf.Tensor1D {
  const diagonal = tf.sum(tf.mul(inverseCholesky(matrices), tf.eye(matrices.shape[1])), 2);
  return tf.mul(-2, tf.sum(tf.log(diagonal), 1));
}

/**
 * M = [[A, Bᵀ], [B, C]] has W = [[W_A, 0], [−W_S L W_A, W_S]], where L = B W_Aᵀ and S = C − L Lᵀ: as few and as large
 * products of matrices as there can be.
 */
function byHalves(matrices: tf.Tensor3D): tf.Tensor3D {
  const [count, dim] = matrices.shape;
  if (dim === 1) return tf.rsqrt(matrices);
  const half = Math.floor(dim / 2);
  const rest = dim - half;
  const upper = byHalves(tf.slice3d(matrices, [0, 0, 0], [count, half, half]));
  const factor: tf.Tensor3D = tf.matMul(tf.slice3d(matrices, [0, half, 0], [count, rest, half]), upper, false, true);
  const corner = tf.slice3d(matrices, [0, half, half], [count, rest, rest]);
  const lower = byHalves(tf.sub(corner, tf.matMul(factor, factor, false, true)));
  const between: tf.Tensor3D = tf.neg(tf.matMul(lower, tf.matMul(factor, upper)));
  const above = tf.concat3d([upper, tf.zeros([count, half, rest])], 2);
  return tf.concat3d([above, tf.concat3d([between, lower], 2)], 1);
}

/** 1 below the diagonal, ½ on it, 0 above: `[dim, dim]`. */
function halvedLowerTriangle(dim: number): tf.Tensor2D {
  const weight = (row: number, column: number) => (row > column ? 1 : row === column ? 0.5 : 0);
  const values = Float32Array.from({ length: dim * dim }, (_, at) => weight(Math.floor(at / dim), at % dim));
  return tf.tensor2d(values, [dim, dim]);
}
