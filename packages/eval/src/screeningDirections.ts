import { randomStream } from '@unlabel/core';
import { type Features, unitRows } from './features';
import { type Matrix, type MatrixMemory, matrixMemory } from './matrixMemory';

/** Orthonormal directions along which rows differ most: `rows` is `[count, dim]`, row-major, count a multiple of 16. */
export interface ScreeningDirections {
  readonly rows: Float64Array;
  readonly count: number;
  readonly dim: number;
}

const sampledRows = 1024;
const sampledQueries = 64;
const wholeRow = 12; // what a comparison in all dimensions costs beside one in a tile; and more are left at first

/**
 * Directions whose products rule out most bank rows for most queries, so that a search for the k nearest by them and,
 * where they decide nothing, in all dimensions is at least a fifth faster; undefined where spectra are too flat for that.
 * Both their number and they themselves are estimated from a sample; no result depends on them.
 */
export function screeningDirections(bank: Features, queries: Features, k: number): ScreeningDirections | undefined {
  const { dim } = bank;
  const step = Math.ceil(dim / 8 / 16) * 16;
  const most = Math.min(5 * step, Math.floor((5 * dim) / 8 / 16) * 16);
  if (most < step) return undefined;
  const memory = matrixMemory();
  const rows = sample(memory, bank, sampledRows);
  const asked = sample(memory, queries, sampledQueries);
  const leading = leadingDirections(memory, rows, most);
  const counts = Array.from({ length: Math.floor(most / step) }, (_, index) => (index + 1) * step);
  const left = undecided(memory, { rows, asked, leading, counts, nearest: k / bank.count });
  const costs = counts.map((count, index) => count + wholeRow * dim * (left[index] ?? 1));
  const best = costs.indexOf(Math.min(...costs));
  const count = counts[best] ?? 0;
  if (!((costs[best] ?? dim) < 0.8 * dim)) return undefined;
  return { rows: leading.subarray(0, count * dim), count, dim };
}

/** Rows at equal distances, of length 1. */
function sample(memory: MatrixMemory, data: Features, most: number): Matrix {
  const count = Math.min(most, data.count);
  const { dim } = data;
  const features = new Float32Array(count * dim);
  for (let index = 0; index < count; index++) {
    const row = Math.floor((index * data.count) / count);
    features.set(data.features.subarray(row * dim, (row + 1) * dim), index * dim);
  }
  return memory.matrix(count, dim, unitRows({ features, count, dim }));
}

/**
 * An orthonormal basis of nearly the span of the leading eigenvectors of XᵀX, `[count, dim]`, those of large eigenvalues
 * first: that of (XᵀX)²Ω with Ω random.
 * @see Halko, Martinsson & Tropp, SIAM Review 2011, https://arxiv.org/abs/0909.4061, Algorithm 4.3
 */
function leadingDirections(memory: MatrixMemory, rows: Matrix, count: number): Float64Array {
  const dim = rows.columns;
  const random = randomStream([0]);
  const columns = memory.matrix(dim, rows.rows, transposed(rows));
  const [moments, squared] = [memory.matrix(dim, dim), memory.matrix(dim, dim)];
  memory.dotProducts(columns, columns, moments);
  memory.dotProducts(moments, moments, squared); // C is symmetric: CCᵀ = C²
  const spanned = memory.matrix(count, dim);
  const omega = Float32Array.from({ length: count * dim }, () => random.normal());
  memory.dotProducts(memory.matrix(count, dim, omega), squared, spanned);
  return orthonormalised(spanned);
}

/** Gram–Schmidt, again where most of a row cancels; a row that depends on those before it becomes zero. */
function orthonormalised({ rows, columns, stride, values }: Matrix): Float64Array<ArrayBuffer> {
  const basis = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const vector = basis.subarray(row * columns, (row + 1) * columns);
    vector.set(values.subarray(row * stride, row * stride + columns));
    const norm = Math.sqrt(dot(vector, vector));
    project(vector, basis, row);
    let rest = Math.sqrt(dot(vector, vector));
    if (rest < 1e-4 * norm) {
      project(vector, basis, row); // what cancelled has left rounding along the others
      rest = Math.sqrt(dot(vector, vector));
    }
    const scale = rest > 1e-6 * norm ? 1 / rest : 0;
    for (let at = 0; at < columns; at++) vector[at] = (vector[at] ?? 0) * scale;
  }
  return basis;
}

/** Leaves of a vector what is orthogonal to the first rows of a basis, four of which are read at a time. */
function project(vector: Float64Array, basis: Float64Array, rows: number): void {
  const dim = vector.length;
  const fours = rows - (rows % 4);
  for (let row = 0; row < fours; row += 4) projectFour(vector, basis, row * dim);
  for (let row = fours; row < rows; row++) {
    const other = basis.subarray(row * dim, (row + 1) * dim);
    const along = dot(vector, other);
    for (let at = 0; at < dim; at++) vector[at] = (vector[at] ?? 0) - along * (other[at] ?? 0);
  }
}

function projectFour(vector: Float64Array, basis: Float64Array, first: number): void {
  const dim = vector.length;
  const [second, third, fourth] = [first + dim, first + 2 * dim, first + 3 * dim];
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let at = 0; at < dim; at++) {
    const value = vector[at] ?? 0;
    a += value * (basis[first + at] ?? 0);
    b += value * (basis[second + at] ?? 0);
    c += value * (basis[third + at] ?? 0);
    d += value * (basis[fourth + at] ?? 0);
  }
  for (let at = 0; at < dim; at++) {
    const along = a * (basis[first + at] ?? 0) + b * (basis[second + at] ?? 0);
    vector[at] = (vector[at] ?? 0) - along - (c * (basis[third + at] ?? 0) + d * (basis[fourth + at] ?? 0));
  }
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}

function transposed({ rows, columns, stride, values }: Matrix): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * stride + column] ?? 0;
    }
  }
  return result;
}

/** For each count of directions, the share of rows that they could not rule out if the share `nearest` were looked for. */
function undecided(
  memory: MatrixMemory,
  {
    rows,
    asked,
    leading,
    counts,
    nearest,
  }: {
    readonly rows: Matrix;
    readonly asked: Matrix;
    readonly leading: Float64Array;
    readonly counts: readonly number[];
    readonly nearest: number;
  },
): number[] {
  const [whole, byHeads] = [memory.matrix(asked.rows, rows.rows), memory.matrix(asked.rows, rows.rows)];
  memory.dotProducts(asked, rows, whole);
  const thresholds = likelyThresholds(whole, nearest);
  const most = Math.max(...counts);
  const directions = memory.matrix(most, rows.columns, Float32Array.from(leading));
  const [askedHeads, rowHeads] = [memory.matrix(asked.rows, most), memory.matrix(rows.rows, most)];
  memory.dotProducts(asked, directions, askedHeads);
  memory.dotProducts(rows, directions, rowHeads);
  return counts.map((count) => {
    const [own, others] = [firstColumns(memory, askedHeads, count), firstColumns(memory, rowHeads, count)];
    memory.dotProducts(own, others, byHeads);
    const [askedTails, tails] = [tailsOf(own), tailsOf(others)];
    const { values, stride } = byHeads;
    let open = 0;
    for (let query = 0; query < asked.rows; query++) {
      const [tail = 0, threshold = 0] = [askedTails[query], thresholds[query]];
      for (let row = 0; row < rows.rows; row++) {
        if ((values[query * stride + row] ?? 0) + tail * (tails[row] ?? 0) > threshold) open += 1;
      }
    }
    return open / (asked.rows * rows.rows);
  });
}

/** What the share `nearest` of similarities is above, for each query, as if all queries' were shaped alike. */
function likelyThresholds({ rows, columns, stride, values }: Matrix, nearest: number): number[] {
  const spreads = Array.from({ length: rows }, (_, query) => {
    const own = values.subarray(query * stride, query * stride + columns);
    const mean = own.reduce((sum, value) => sum + value, 0) / columns;
    return { own, mean, deviation: Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns) };
  });
  const standard = new Float32Array(rows * columns);
  spreads.forEach(({ own, mean, deviation }, query) => {
    standard.set(
      own.map((value) => (value - mean) / (deviation || 1)),
      query * columns,
    );
  });
  const above = standard.sort()[Math.max(0, standard.length - Math.ceil(nearest * standard.length))] ?? 0;
  return spreads.map(({ mean, deviation }) => mean + above * deviation);
}

function firstColumns(memory: MatrixMemory, { rows, stride, values }: Matrix, count: number): Matrix {
  const kept = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) kept.set(values.subarray(row * stride, row * stride + count), row * count);
  return memory.matrix(rows, count, kept);
}

/** √(1 − |h|²) of each row's head. */
function tailsOf({ rows, stride, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const head = values.subarray(row * stride, (row + 1) * stride);
    return Math.sqrt(Math.max(0, 1 - head.reduce((sum, value) => sum + value ** 2, 0)));
  });
}
