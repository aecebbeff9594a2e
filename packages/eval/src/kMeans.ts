import { type RandomStream, randomStream, UnlabelError } from '@unlabel/core';
import { type Features, requireFeatures, unitRows } from './features';
import { type Matrix, type MatrixMemory, matrixMemory, writeRows } from './matrixMemory';

export interface KMeansOptions {
  /** Number of clusters, 1 … count. */ readonly clusters: number;
  /** Starts from other centres, of which the best is kept (default 10). */ readonly restarts?: number;
  /** Rounds of a start at most (default 300). */ readonly maxIterations?: number;
  /** Whether rows are scaled to length 1, so that clusters are of directions (default false). */
  readonly normalise?: boolean;
  /** Of the starts (default 0). */ readonly seed?: number;
}

/** A partition of rows by their nearest centre. */
export interface Clustering {
  /** `[clusters, dim]`, row-major. */ readonly centres: Float32Array;
  /** Cluster per row. */ readonly assignments: Int32Array;
  /** Sum of squared distances of rows to their centres. */ readonly inertia: number;
  readonly iterations: number;
  /** The cluster of each row of other features: the nearest centre. */
  assign(data: Features): Int32Array;
}

/**
 * Lloyd's algorithm from centres drawn by k-means++: each next centre is a row drawn with probability proportional to its
 * squared distance to the nearest one so far, the best of 2 + ln k draws. A cluster that loses its rows is given the row
 * that lies farthest from its centre. With fewer different rows than clusters, some clusters stay empty.
 * @throws UnlabelError `INVALID_OPTION`, `DATASET_EMPTY`, `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 * @see Arthur & Vassilvitskii, SODA 2007, http://ilpubs.stanford.edu:8090/778/
 */
export function kMeans(data: Features, options: KMeansOptions): Clustering {
  const { clusters, restarts = 10, maxIterations = 300, normalise = false, seed = 0 } = options;
  requireFeatures({ features: data });
  requireOptions({ restarts, maxIterations }, clusters, data.count);
  const known = normalise ? { ...data, features: unitRows(data) } : data;
  const lloyd = lloydOn(known, clusters);
  let best: Fit | undefined;
  for (let start = 0; start < restarts; start++) {
    const fit = lloyd(randomStream([seed, 'k-means', start]), maxIterations);
    if (!best || fit.inertia < best.inertia) best = fit;
  }
  if (!best) throw new Error('No start was made.');
  const { centres } = best;
  return {
    ...best,
    assign: (other) => {
      requireFeatures({ features: other });
      const { count, dim } = other;
      const memory = matrixMemory();
      const rows = memory.matrix(count, dim, normalise ? unitRows(other) : other.features);
      const kept = memory.matrix(clusters, dim, centres);
      return nearestCentres(memory, kept, rows, memory.matrix(clusters, count)).assignments;
    },
  };
}

type Fit = Omit<Clustering, 'assign'>;

/** Lloyd's rounds on one set of rows, to be begun from any number of draws. */
function lloydOn(data: Features, clusters: number): (random: RandomStream, maxIterations: number) => Fit {
  const { count, dim } = data;
  const memory = matrixMemory();
  const rows = memory.matrix(count, dim, data.features);
  const kept = memory.matrix(clusters, dim);
  const products = memory.matrix(clusters, count);
  const squares = squaredNorms(data);
  return (random, maxIterations) => {
    let centres = drawCentres(data, squares, clusters, random);
    let assignments = new Int32Array(count).fill(-1);
    for (let iterations = 1; ; iterations++) {
      writeRows(kept, centres);
      const nearest = nearestCentres(memory, kept, rows, products);
      const settled = nearest.assignments.every((cluster, row) => cluster === assignments[row]);
      assignments = nearest.assignments;
      if (settled || iterations >= maxIterations) {
        const inertia = squares.reduce((sum, square, row) => sum + square + (nearest.distances[row] ?? 0), 0);
        return { centres, assignments, inertia: Math.max(0, inertia), iterations };
      }
      const distances = nearest.distances.map((distance, row) => distance + (squares[row] ?? 0));
      centres = meansOf(data, assignments, distances, centres);
    }
  };
}

/** The nearest centre of each row, and its squared distance less the row's own squared length. */
function nearestCentres(memory: MatrixMemory, centres: Matrix, rows: Matrix, products: Matrix) {
  memory.dotProducts(centres, rows, products);
  const assignments = new Int32Array(rows.rows);
  const distances = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  const [own, values] = [centres.values, products.values];
  for (let cluster = 0; cluster < centres.rows; cluster++) {
    let square = 0;
    for (let at = cluster * centres.stride; at < (cluster + 1) * centres.stride; at++) square += (own[at] ?? 0) ** 2;
    for (let row = 0, at = cluster * products.stride; row < rows.rows; row++, at++) {
      const distance = square - 2 * (values[at] ?? 0);
      if (distance >= (distances[row] ?? 0)) continue;
      distances[row] = distance;
      assignments[row] = cluster;
    }
  }
  return { assignments, distances };
}

/** k-means++. */
function drawCentres(data: Features, squares: Float64Array, clusters: number, random: RandomStream): Float32Array {
  const { features, count, dim } = data;
  const centres = new Float32Array(clusters * dim);
  const rowAt = (row: number) => features.subarray(row * dim, (row + 1) * dim);
  const tries = 2 + Math.floor(Math.log(clusters));
  let nearest: Float64Array = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let cluster = 0; cluster < clusters; cluster++) {
    const candidates = Array.from({ length: cluster === 0 ? 1 : tries }, () =>
      cluster === 0 ? random.integer(count) : drawByWeight(nearest, random),
    );
    let best: { readonly row: number; readonly nearest: Float64Array; readonly sum: number } | undefined;
    for (const row of new Set(candidates)) {
      const closer = distancesTo(data, squares, row).map((distance, at) => Math.min(distance, nearest[at] ?? 0));
      const sum = closer.reduce((total, distance) => total + distance, 0);
      if (!best || sum < best.sum) best = { row, nearest: closer, sum };
    }
    if (!best) throw new Error('No candidate was drawn.');
    nearest = best.nearest;
    centres.set(rowAt(best.row), cluster * dim);
  }
  return centres;
}

function distancesTo({ features, count, dim }: Features, squares: Float64Array, centre: number): Float64Array {
  const distances = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let product = 0;
    for (let column = 0; column < dim; column++) {
      product += (features[row * dim + column] ?? 0) * (features[centre * dim + column] ?? 0);
    }
    distances[row] = Math.max(0, (squares[row] ?? 0) + (squares[centre] ?? 0) - 2 * product);
  }
  return distances;
}

/** A row drawn with probability proportional to its weight; any where all weights are 0. */
function drawByWeight(weights: Float64Array, random: RandomStream): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return random.integer(weights.length);
  let left = random.uniform() * total;
  const row = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return row < 0 ? weights.length - 1 : row;
}

/** Means of the rows of each cluster; one without rows moves to the row farthest from its centre. */
function meansOf(data: Features, assignments: Int32Array, distances: Float64Array, before: Float32Array): Float32Array {
  const { features, dim } = data;
  const sums = new Float64Array(before.length);
  const counts = new Float64Array(before.length / dim);
  assignments.forEach((cluster, row) => {
    counts[cluster] = (counts[cluster] ?? 0) + 1;
    for (let column = 0; column < dim; column++) {
      const at = cluster * dim + column;
      sums[at] = (sums[at] ?? 0) + (features[row * dim + column] ?? 0);
    }
  });
  const means = Float32Array.from(sums, (sum, at) => sum / Math.max(1, counts[Math.floor(at / dim)] ?? 0));
  counts.forEach((count, cluster) => {
    if (count > 0) return;
    const farthest = distances.reduce((best, distance, row) => (distance > (distances[best] ?? 0) ? row : best), 0);
    const moves = (distances[farthest] ?? 0) > 0;
    means.set(
      moves
        ? features.subarray(farthest * dim, (farthest + 1) * dim)
        : before.subarray(cluster * dim, (cluster + 1) * dim),
      cluster * dim,
    );
    distances[farthest] = 0;
  });
  return means;
}

function squaredNorms({ features, count, dim }: Features): Float64Array {
  return Float64Array.from({ length: count }, (_, row) =>
    features.subarray(row * dim, (row + 1) * dim).reduce((sum, value) => sum + value * value, 0),
  );
}

function requireOptions(counts: Readonly<Record<string, number>>, clusters: number, rows: number): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: 'Give a whole number from 1.' });
  }
  if (Number.isInteger(clusters) && clusters >= 1 && clusters <= rows) return;
  throw new UnlabelError('INVALID_OPTION', `clusters is ${clusters}, but there are ${rows} rows.`, {
    fix: `Choose a whole number from 1 to ${rows}.`,
  });
}
