import { UnlabelError } from '@unlabel/core';
import { type Features, requireFeatures } from './features';
import { symmetricEigenvalues } from './symmetricEigenvalues';

/** How features spread over the directions of their space. */
export interface CovarianceSpectrum {
  /** Variances along the principal directions, largest first, over n: min(count, dim) of them. */
  readonly eigenvalues: Float64Array;
  /** Singular values of the centred features: √(n · eigenvalue). */ readonly singularValues: Float64Array;
  /** Share of the variance that the first k + 1 directions carry, up to 1; all 0 where features are constant. */
  readonly cumulative: Float64Array;
}

/**
 * The principal variances of features and what they add up to. Directions of float32's rounding count as none: a variance
 * below 1e-13 of the mean square is 0.
 * @param data at least two rows; its labels, if any, are not looked at
 * @throws UnlabelError `BATCH_TOO_SMALL`, `DATASET_EMPTY`, `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 */
export function covarianceSpectrum(data: Features): CovarianceSpectrum {
  requireSpread(data);
  const { features, count } = data;
  const rounding = 1e-13 * squares(features);
  const sums = gramEigenvalues(centredVectors(data)).map((value) => (value > rounding ? value : 0));
  const total = sums.reduce((sum, value) => sum + value, 0);
  let carried = 0;
  const cumulative = sums.map((value) => {
    carried += value;
    return total > 0 ? carried / total : 0;
  });
  return { eigenvalues: sums.map((value) => value / count), singularValues: sums.map(Math.sqrt), cumulative };
}

/** How many directions, the strongest first, carry `share` of the variance, in (0, 1]; 0 where features are constant. */
export function directionsCarrying({ cumulative }: CovarianceSpectrum, share: number): number {
  const reached = cumulative.findIndex((carried) => carried >= share - 1e-12);
  return (cumulative[0] ?? 0) === 0 ? 0 : reached + 1;
}

/** Singular values of the features as they are, not centred, largest first: min(count, dim) of them. */
export function singularValues(data: Features): Float64Array {
  requireFeatures({ features: data });
  return gramEigenvalues(vectorsOf(data)).map((value) => Math.sqrt(Math.max(0, value)));
}

/** Row vectors in double precision, `[size, length]`. */
export interface Vectors {
  readonly values: Float64Array;
  readonly size: number;
  readonly length: number;
}

/** Rows or columns of features, whichever are fewer: the products among either have the same eigenvalues but for zeros. */
function vectorsOf({ features, count, dim }: Features): Vectors {
  if (count < dim) return { values: Float64Array.from(features), size: count, length: dim };
  return { values: transposed(features, count, dim), size: dim, length: count };
}

/** The same of features less their mean over rows. */
function centredVectors(data: Features): Vectors {
  const { count, dim } = data;
  const { values } = centredColumns(data);
  return count < dim
    ? { values: transposed(values, dim, count), size: count, length: dim }
    : { values, size: dim, length: count };
}

/** Each dimension over samples, less its mean. */
export function centredColumns({ features, count, dim }: Features): Vectors {
  const values = transposed(features, count, dim);
  for (let start = 0; start < values.length; start += count) {
    const column = values.subarray(start, start + count);
    const mean = column.reduce((sum, value) => sum + value, 0) / count;
    for (let at = 0; at < count; at++) column[at] = (column[at] ?? 0) - mean;
  }
  return { values, size: dim, length: count };
}

function gramEigenvalues(vectors: Vectors): Float64Array {
  return symmetricEigenvalues(gram(vectors), vectors.size);
}

/** Dot products of vectors with one another, `[size, size]`: the lower half, in double precision, in tiles of two by two. */
export function gram({ values, size, length }: Vectors): Float64Array {
  const products = new Float64Array(size * size);
  for (let row = 0; row < size; row += 2) {
    for (let column = 0; column <= row; column += 2) {
      const [a, b, c, d] = [row, row + 1, column, column + 1].map((vector) => Math.min(vector, size - 1) * length);
      writeTile(products, size, row, column, dotProducts(values, [a ?? 0, b ?? 0, c ?? 0, d ?? 0], length));
    }
  }
  return products;
}

type Four = readonly [number, number, number, number];

/** a·c, a·d, b·c and b·d of the vectors that begin at these places. */
function dotProducts(values: Float64Array, [a, b, c, d]: Four, length: number): Four {
  let [ac, ad, bc, bd] = [0, 0, 0, 0];
  for (let at = 0; at < length; at++) {
    const [left, right] = [values[c + at] ?? 0, values[d + at] ?? 0];
    const [upper, lower] = [values[a + at] ?? 0, values[b + at] ?? 0];
    ac += upper * left;
    ad += upper * right;
    bc += lower * left;
    bd += lower * right;
  }
  return [ac, ad, bc, bd];
}

function writeTile(products: Float64Array, size: number, row: number, column: number, tile: Four): void {
  const [ac, ad, bc, bd] = tile;
  products[row * size + column] = ac;
  if (column + 1 < size) products[row * size + column + 1] = ad;
  if (row + 1 < size) products[(row + 1) * size + column] = bc;
  if (row + 1 < size && column + 1 < size) products[(row + 1) * size + column + 1] = bd;
}

/** `[columns, rows]` of `[rows, columns]`. */
function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column] ?? 0;
  }
  return turned;
}

function squares(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] ?? 0) ** 2;
  return sum;
}

/** @throws UnlabelError as {@link covarianceSpectrum} */
export function requireSpread(data: Features): void {
  requireFeatures({ features: data });
  if (data.count >= 2) return;
  throw new UnlabelError('BATCH_TOO_SMALL', 'There is one row of features.', { fix: 'A spread needs two or more.' });
}
