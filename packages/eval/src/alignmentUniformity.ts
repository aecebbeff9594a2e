import { type Evaluator, UnlabelError, type ViewFeatures } from '@unlabel/core';
import { collapsedWarning } from './admit';
import { type Features, requireFeatures, unitRows } from './features';
import { requireGiven } from './lidar';

export interface AlignmentOptions {
  /** α, power of the distance, > 0 (default 2). */ readonly power?: number;
}

export interface UniformityOptions {
  /** t, inverse width of the Gaussian kernel, > 0 (default 2). */ readonly scale?: number;
}

/**
 * Alignment, the mean of ‖f(x) − f(y)‖^α over positive pairs on the unit sphere: 0 when views of a sample coincide.
 * @param z0 features of one view; rows are normalised here
 * @param z1 features of the other view of the same samples
 * @throws UnlabelError `SHAPE_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see Wang & Isola, ICML 2020, https://arxiv.org/abs/2005.10242, §4.1.1
 */
export function alignment(z0: Features, z1: Features, options: AlignmentOptions = {}): number {
  const { power: alpha = 2 } = options;
  requireFeatures({ z0, z1 });
  if (z0.count !== z1.count || z0.dim !== z1.dim) {
    throw new UnlabelError('SHAPE_MISMATCH', `z0 is [${z0.count}, ${z0.dim}] but z1 is [${z1.count}, ${z1.dim}].`, {
      fix: 'Row i of both must be views of one sample.',
    });
  }
  const [left, right] = [unitRows(z0), unitRows(z1)];
  let total = 0;
  for (let row = 0; row < z0.count; row++) {
    total += squaredDistance(left, row * z0.dim, right, row * z0.dim, z0.dim) ** (alpha / 2);
  }
  return total / z0.count;
}

/**
 * Uniformity, log mean exp(−t‖f(x) − f(y)‖²) over pairs of different rows on the unit sphere: 0 when all coincide, the
 * lower the more evenly they spread, −2t at best in many dimensions.
 * @param data two rows or more, normalised here; its labels, if any, are not looked at
 * @throws UnlabelError `BATCH_TOO_SMALL`, `SHAPE_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see Wang & Isola, ICML 2020, https://arxiv.org/abs/2005.10242, §4.1.2
 */
export function uniformity(data: Features, options: UniformityOptions = {}): number {
  const { scale: t = 2 } = options;
  requireFeatures({ features: data });
  const { count, dim } = data;
  if (count < 2) throw new UnlabelError('BATCH_TOO_SMALL', 'There is one row.', { fix: 'Pairs need two or more.' });
  const unit = unitRows(data);
  let total = 0;
  for (let left = 0; left < count; left++) {
    for (let right = 0; right < left; right++) {
      total += Math.exp(-t * squaredDistance(unit, left * dim, unit, right * dim, dim));
    }
  }
  return Math.log(total / ((count * (count - 1)) / 2));
}

export interface AlignmentEvaluatorOptions extends AlignmentOptions, UniformityOptions {
  /** Test samples at most, ≥ 2 (default 1,000). */ readonly objects?: number;
}

/**
 * {@link alignment} of two random views of test samples and {@link uniformity} of the first ones as an evaluator: figures
 * `alignment` and `uniformity`; no labels needed. Good encoders have both low.
 */
export function alignmentEvaluator(options: AlignmentEvaluatorOptions = {}): Evaluator {
  const { objects = 1000, ...rest } = options;
  return {
    name: 'alignment',
    views: { objects, views: 2 },
    evaluate: async (_bank, _test, _seed, notes, views) => {
      const given = requireGiven(views, 'Alignment');
      const [z0, z1] = [viewOf(given, 0), viewOf(given, 1)];
      const figures = { alignment: alignment(z0, z1, rest), uniformity: uniformity(z0, rest) };
      if (figures.uniformity === 0) notes?.warnings.push(collapsedWarning);
      return figures;
    },
  };
}

/** One view of every object. */
function viewOf({ features, objects, views, dim }: ViewFeatures, view: number): Features {
  const rows = new Float32Array(objects * dim);
  for (let object = 0; object < objects; object++) {
    const from = (object * views + view) * dim;
    rows.set(features.subarray(from, from + dim), object * dim);
  }
  return { features: rows, count: objects, dim };
}

function squaredDistance(left: Float32Array, from: number, right: Float32Array, to: number, dim: number): number {
  let sum = 0;
  for (let at = 0; at < dim; at++) sum += ((left[from + at] ?? 0) - (right[to + at] ?? 0)) ** 2;
  return sum;
}
