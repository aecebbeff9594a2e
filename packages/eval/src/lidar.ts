import { type Evaluator, UnlabelError, type ViewFeatures } from '@unlabel/core';
import { type Features, requireFeatures } from './features';
import { cholesky } from './hessianBound';
import { gram, type Vectors } from './spectrum';
import { symmetricEigenvalues } from './symmetricEigenvalues';

export interface LidarOptions {
  /** δ, added to the within-object variance of every direction, > 0 (default 1e-4). */ readonly delta?: number;
  /** ε, added to each p so that its logarithm exists, ≥ 0 (default 1e-8). */ readonly epsilon?: number;
}

/**
 * LiDAR, eqs. 1–4: exp(−Σ pₖ log pₖ) with pₖ = λₖ/Σλ + ε over the eigenvalues of Σ_w^−½ Σ_b Σ_w^−½, the scatter between
 * objects in units of that within the views of one: a smooth count of the directions that tell objects apart, at most
 * min(objects − 1, dim). RankMe also counts directions of noise. 0 when all objects coincide.
 * @param data two views or more of two objects or more; the paper takes 50 views of 1,000, the authors of stable-pretraining
 * 10 of 100
 * @throws UnlabelError `INVALID_OPTION`, `BATCH_TOO_SMALL` for fewer than two objects or views, and `DATASET_EMPTY`,
 * `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 * @see Thilak et al., LiDAR: Sensing Linear Probing Performance in Joint Embedding SSL Architectures, ICLR 2024, https://arxiv.org/abs/2312.04000
 */
export function lidar(data: ViewFeatures, options: LidarOptions = {}): number {
  const { delta = 1e-4, epsilon = 1e-8 } = options;
  const { objects, views, dim } = data;
  requireViews(data, delta, epsilon);
  const { between, within } = scatter(data);
  const covariance = gram(within);
  for (let row = 0; row < dim; row++) {
    for (let column = 0; column <= row; column++) {
      const at = row * dim + column;
      covariance[at] = (covariance[at] ?? 0) / (objects * (views - 1)) + (row === column ? delta : 0);
    }
  }
  const whitened = solveLower(cholesky(covariance, dim), between); // L⁻¹B has the eigenvalues of Σ_w^−½ Σ_b Σ_w^−½
  const lambda = symmetricEigenvalues(gram(whitened), objects).map((value) => Math.max(0, value));
  const total = lambda.reduce((sum, value) => sum + value, 0);
  if (!(total > 1e-20)) return 0;
  const entropy = (p: number) => (p > 0 ? -p * Math.log(p) : 0);
  const known = lambda.subarray(0, dim).reduce((sum, value) => sum + entropy(value / total + epsilon), 0);
  return Math.exp(known + Math.max(0, dim - objects) * entropy(epsilon));
}

export interface LidarEvaluatorOptions extends LidarOptions {
  /** Test samples at most, ≥ 2, with its views: the more, the higher the figure can be (default 500). */
  readonly objects?: number;
  /** Views of each, ≥ 2 (default 10). */ readonly views?: number;
}

/** {@link lidar} of random views of test samples as an evaluator: figure `lidar`; no labels needed. */
export function lidarEvaluator(options: LidarEvaluatorOptions = {}): Evaluator {
  const { objects = 500, views = 10, ...rest } = options;
  return {
    name: 'lidar',
    views: { objects, views },
    evaluate: async (_bank, _test, _seed, notes, seen) => {
      const given = requireGiven(seen, 'LiDAR');
      if (notes && given.objects <= given.dim) {
        notes.warnings.push(
          `LiDAR of ${given.objects} samples cannot exceed ${given.objects - 1}, with ${given.dim} dimensions.`,
        );
      }
      const value = lidar(given, rest);
      if (value === 0) notes?.warnings.push('Views of all samples have the same mean: the features have collapsed.');
      return { lidar: value };
    },
  };
}

/** @throws UnlabelError `VIEWS_MISSING` */
export function requireGiven(views: ViewFeatures | undefined, measure: string): ViewFeatures {
  if (views) return views;
  throw new UnlabelError('VIEWS_MISSING', `${measure} was given no views.`, {
    fix: 'Pass features of several random views of each sample as the last argument of evaluate.',
  });
}

/** Means of objects less the mean of all, `[objects, dim]`, and views less the mean of their object, `[dim, rows]`. */
function scatter({ features, objects, views, dim }: ViewFeatures): { between: Vectors; within: Vectors } {
  const rows = objects * views;
  const between = new Float64Array(objects * dim);
  const within = new Float64Array(dim * rows);
  for (let column = 0; column < dim; column++) {
    let grandMean = 0;
    for (let object = 0; object < objects; object++) {
      let mean = 0;
      for (let row = object * views; row < (object + 1) * views; row++)
        mean += (features[row * dim + column] ?? 0) / views;
      for (let row = object * views; row < (object + 1) * views; row++) {
        within[column * rows + row] = (features[row * dim + column] ?? 0) - mean;
      }
      between[object * dim + column] = mean;
      grandMean += mean / objects;
    }
    for (let at = column; at < between.length; at += dim) between[at] = (between[at] ?? 0) - grandMean;
  }
  return {
    between: { values: between, size: objects, length: dim },
    within: { values: within, size: dim, length: rows },
  };
}

/** L⁻¹v for each vector v, of a lower triangular L. */
function solveLower(lower: Float64Array, { values, size, length }: Vectors): Vectors {
  const solved = values.slice();
  for (let start = 0; start < size * length; start += length) {
    for (let row = 0; row < length; row++) {
      let rest = solved[start + row] ?? 0;
      for (let at = 0; at < row; at++) rest -= (lower[row * length + at] ?? 0) * (solved[start + at] ?? 0);
      solved[start + row] = rest / (lower[row * (length + 1)] ?? 1);
    }
  }
  return { values: solved, size, length };
}

function requireViews({ features, objects, views, dim }: ViewFeatures, delta: number, epsilon: number): void {
  requireFeatures({ features: { features, count: objects * views, dim } satisfies Features });
  if (!(objects >= 2 && views >= 2)) {
    throw new UnlabelError('BATCH_TOO_SMALL', `There are ${views} views of ${objects} objects.`, {
      fix: 'Give two or more of both; ten views of a hundred objects are usual.',
    });
  }
  if (!(delta > 0 && epsilon >= 0)) {
    throw new UnlabelError('INVALID_OPTION', `delta is ${delta} and epsilon is ${epsilon}.`, {
      fix: 'Give a delta above 0 and an epsilon from 0.',
    });
  }
}
