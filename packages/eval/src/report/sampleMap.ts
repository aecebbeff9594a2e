import { randomStream, UnlabelError } from '@unlabel/core';
import { type Features, requireFeatures, unitRows } from '../features';
import { centredColumns } from '../spectrum';
import type { NeighbourRow, SampleMap } from './reportData';

export interface UmapMapOptions {
  /** Neighbours of each sample that keep their places to it, 2 … count − 1 (default 15, or what there is). */ readonly neighbours?: number;
  /** How near to each other points may come, > 0 (default 0.1). */ readonly minDistance?: number;
  /** Of first places and of the descent (default 0). */ readonly seed?: number;
}

/**
 * Arranges samples in two dimensions by UMAP over cosine distances: who is near to whom is kept, distances between groups
 * say little. The same features and seed give the same map.
 * @param data `[count, dim]`, count ≥ 4; a few hundred to two thousand
 * @throws UnlabelError `BATCH_TOO_SMALL`, `PEER_MISSING`, and those of features
 * @see McInnes, Healy & Melville, 2018, https://arxiv.org/abs/1802.03426
 */
export async function umapMap(data: Features, options: UmapMapOptions = {}): Promise<SampleMap> {
  const { neighbours = 15, minDistance = 0.1, seed = 0 } = options;
  requireFeatures({ features: data });
  const { count, dim } = data;
  if (count < 4) {
    throw new UnlabelError('BATCH_TOO_SMALL', `UMAP was given ${count} samples.`, {
      fix: 'Give at least 4, or take pcaMap.',
    });
  }
  const { UMAP } = await import('umap-js').catch((cause: unknown) => {
    throw new UnlabelError('PEER_MISSING', 'umap-js cannot be loaded.', { fix: 'npm install umap-js', cause });
  });
  const unit = unitRows(data); // of unit rows, Euclidean distances sort as cosines do
  const rows = Array.from({ length: count }, (_, row) => Array.from(unit.subarray(row * dim, (row + 1) * dim)));
  const random = randomStream([seed, 'umap']);
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(neighbours, count - 1),
    minDist: minDistance,
    random: () => random.uniform(),
  });
  return { method: 'UMAP', points: umap.fit(rows).map(([x = 0, y = 0]) => [x, y] as const) };
}

/**
 * The two directions in which centred features vary most: what is far apart here is far apart in the features, but most of
 * their variance may lie elsewhere.
 * @param data `[count, dim]`
 * @throws UnlabelError those of features
 * @see Golub & Van Loan, Matrix Computations, 4th edition, §8.2.4
 */
export function pcaMap(data: Features): SampleMap {
  requireFeatures({ features: data });
  const [first, second] = widestAxes(data).map(({ places }) => places);
  return {
    method: 'PCA',
    points: Array.from({ length: data.count }, (_, row) => [first?.[row] ?? 0, second?.[row] ?? 0]),
  };
}

interface Axis {
  /** `[dim]`, of length 1, or 0 where features do not vary any more. */ readonly direction: Float64Array;
  /** Where rows lie along it, `[count]`. */ readonly places: Float64Array;
}

const roundsAtMost = 300; // by then axes of eigenvalues a tenth apart have 13 digits; nearer ones vary as much

/** The two leading principal axes by orthogonal iteration, which needs no product of all dimensions with all. */
function widestAxes({ count, dim, ...data }: Features): readonly Axis[] {
  const { values } = centredColumns({ count, dim, ...data }); // `[dim, count]`
  const random = randomStream(['pca']);
  const placesAlong = (direction: Float64Array) => {
    const places = new Float64Array(count);
    direction.forEach((share, column) => {
      for (let row = 0; row < count; row++)
        places[row] = (places[row] ?? 0) + share * (values[column * count + row] ?? 0);
    });
    return places;
  };
  const moved = ({ places }: Axis) =>
    Float64Array.from({ length: dim }, (_, column) =>
      dot(values.subarray(column * count, (column + 1) * count), places),
    );
  const start = () => Float64Array.from({ length: dim }, () => random.normal());
  let axes = orthonormal(start(), start()).map((direction) => ({ direction, places: placesAlong(direction) }));
  for (let round = 0; round < roundsAtMost; round++) {
    const [first, second] = axes.map(moved);
    const turned = first && second ? orthonormal(first, second) : [];
    const still = turned.every((direction, at) => dot(direction, axes[at]?.direction ?? direction) > 1 - 1e-13);
    axes = turned.map((direction) => ({ direction, places: placesAlong(direction) }));
    if (still) break;
  }
  return axes;
}

/** Both at length 1 and at right angles, or 0 where nothing but rounding is left of one. */
function orthonormal(first: Float64Array, second: Float64Array): readonly Float64Array[] {
  const u = scaled(first, 1e-200);
  const along = dot(second, u);
  const rest = second.map((value, at) => value - along * (u[at] ?? 0));
  return [u, scaled(rest, 1e-12 * Math.abs(along))];
}

function scaled(vector: Float64Array, least: number): Float64Array {
  const norm = Math.sqrt(dot(vector, vector));
  return vector.map((value) => (norm > least ? value / norm : 0));
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
}

/**
 * The samples next to each of some by cosine similarity, nearest first, without the sample itself.
 * @param data `[count, dim]`
 * @param queries rows to find neighbours of
 * @param k neighbours of each, at most count − 1
 * @throws UnlabelError those of features
 */
export function nearestSamples(data: Features, queries: readonly number[], k: number): readonly NeighbourRow[] {
  requireFeatures({ features: data });
  const { count, dim } = data;
  const unit = unitRows(data);
  return queries.map((sample) => {
    const own = unit.subarray(sample * dim, (sample + 1) * dim);
    const similarities = Array.from({ length: count }, (_, other) => {
      const similarity = own.reduce((sum, value, at) => sum + value * (unit[other * dim + at] ?? 0), 0);
      return { sample: other, similarity };
    });
    const others = similarities.filter((entry) => entry.sample !== sample);
    return { sample, nearest: others.sort((a, b) => b.similarity - a.similarity).slice(0, k) };
  });
}
