import { randomStream, UnlabelError } from '@unlabel/core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type Features, requireFeatures, unitRows } from '../features';
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
 */
export function pcaMap(data: Features): SampleMap {
  requireFeatures({ features: data });
  const { features, count, dim } = data;
  const rows = new Matrix(count, dim);
  for (let row = 0; row < count; row++) rows.setRow(row, features.subarray(row * dim, (row + 1) * dim));
  const centred = rows.center('column');
  const wide = dim > count; // the smaller of both products has the same eigenvalues
  const product = wide ? centred.mmul(centred.transpose()) : centred.transpose().mmul(centred);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(product, { assumeSymmetric: true });
  const order = realEigenvalues.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value);
  const axes = [0, 1].map((axis) => {
    const { value = 0, index = 0 } = order[axis] ?? {};
    const vector = eigenvectorMatrix.getColumnVector(index);
    const places = wide ? Matrix.mul(vector, Math.sqrt(Math.max(0, value))) : centred.mmul(vector);
    return order[axis] ? places.to1DArray() : new Array<number>(count).fill(0);
  });
  return {
    method: 'PCA',
    points: Array.from({ length: count }, (_, row) => [axes[0]?.[row] ?? 0, axes[1]?.[row] ?? 0]),
  };
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
