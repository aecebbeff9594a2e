import type { Matrix } from './matrixMemory';

/**
 * F, `[dim, dim]` row-major, with F Fᵀ = (½ XᵀX/n + ridge·I)⁻¹: the inverse of Böhning's bound on the Hessian of softmax
 * regression, for each class. The ridge is the penalty, or what float32 needs to keep the inverse positive.
 * @param moments XᵀX
 * @param count n, rows of X
 * @see Böhning, Annals of the Institute of Statistical Mathematics 44, 1992
 */
export function inverseFactor(moments: Matrix, count: number, l2: number): Float32Array {
  const { rows: dim, stride, values } = moments;
  const bound = new Float64Array(dim * dim);
  let trace = 0;
  for (let row = 0; row < dim; row++) {
    for (let column = 0; column < dim; column++) {
      bound[row * dim + column] = (0.5 * (values[row * stride + column] ?? 0)) / count;
    }
    trace += bound[row * (dim + 1)] ?? 0;
  }
  const ridge = Math.max(l2, (1e-3 * trace) / dim) || 1; // features may all be 0
  for (let at = 0; at < bound.length; at += dim + 1) bound[at] = (bound[at] ?? 0) + ridge;
  return inverseTransposed(cholesky(bound, dim), dim);
}

/** Turns the lower half of a positive definite matrix into L with L Lᵀ = the matrix. */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      const left = row * size;
      const right = column * size;
      const rest = (matrix[left + column] ?? 0) - partialDot(matrix, left, matrix, right, column);
      matrix[left + column] = column === row ? Math.sqrt(rest) : rest / (matrix[right + column] ?? 1);
    }
  }
  return matrix;
}

/** L⁻ᵀ of a lower triangular L, row by row: row j holds column j of L⁻¹. */
function inverseTransposed(lower: Float64Array, size: number): Float32Array {
  const column = new Float64Array(size);
  const inverse = new Float32Array(size * size);
  for (let at = 0; at < size; at++) {
    column[at] = 1 / (lower[at * (size + 1)] ?? 1);
    for (let row = at + 1; row < size; row++) {
      const sum = partialDot(lower, row * size + at, column, at, row - at);
      column[row] = -sum / (lower[row * (size + 1)] ?? 1);
    }
    inverse.set(column.subarray(at), at * size + at);
  }
  return inverse;
}

function partialDot(left: Float64Array, from: number, right: Float64Array, to: number, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += (left[from + at] ?? 0) * (right[to + at] ?? 0);
  return sum;
}
