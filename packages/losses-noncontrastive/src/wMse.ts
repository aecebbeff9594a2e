import {
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requireViews,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { smallestBatch, type WhitenOptions, whiten } from './whitening';

export interface WMseOptions extends WhitenOptions {
  /** Samples that are whitened together: more than dimensions, a divisor of the batch (default: the whole batch). */ groupSize?: number;
}

/**
 * W-MSE: ‖v̂ᵢ − v̂ⱼ‖² = 2 − 2 cos(vᵢ, vⱼ), averaged over samples and all pairs of views, where v = W (z − μ) has covariance I
 * in each group of each view. Groups are consecutive rows: the authors draw them anew, which the order of a shuffled
 * loader does as well. stable-pretraining has `epsilon: 1e-3`.
 * @param views projections of two views or more, each `[batch, dim]`, not normalised
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Ermolov, Siarohin, Sangineto & Sebe, ICML 2021, https://arxiv.org/abs/2007.06346
 */
export function wMseLoss(views: readonly tf.Tensor2D[], options: WMseOptions = {}): tf.Scalar {
  requireViews(Object.fromEntries(views.map((z, view) => [`z${view}`, z])));
  const [batch = 0, dim = 0] = views[0]?.shape ?? [];
  const { groupSize = batch } = options;
  requireGroups({ views: views.length, batch, dim }, options);
  return tf.tidy(() => {
    const groups: tf.Tensor3D = tf.reshape(tf.concat([...views], 0), [-1, groupSize, dim]);
    const whitened = tf.split<tf.Tensor3D>(normaliseRows(whiten(groups, options)), views.length);
    const pairs = whitened.flatMap((v0, view) => whitened.slice(view + 1).map((v1) => meanDistance(v0, v1)));
    return tf.mean(tf.stack(pairs));
  });
}

/** 2 − 2 cos, averaged over samples; of unit vectors `[groups, groupSize, dim]`. */
function meanDistance(v0: tf.Tensor3D, v1: tf.Tensor3D): tf.Scalar {
  return tf.mean(tf.sub(2, tf.mul(2, tf.sum(tf.mul(v0, v1), 2))));
}

function requireGroups({ views, batch, dim }: Record<'views' | 'batch' | 'dim', number>, options: WMseOptions): void {
  const { groupSize = batch } = options;
  if (views < 2) {
    throw new UnlabelError('SHAPE_MISMATCH', `There is ${views} view.`, { fix: 'Compare two views or more.' });
  }
  if (!Number.isInteger(batch / groupSize)) {
    throw new UnlabelError('INVALID_OPTION', `groupSize is ${groupSize}, but the batch holds ${batch}.`, {
      fix: 'Give a divisor of the batch size, and drop the last partial batch.',
    });
  }
  if (options.groupSize !== undefined) requireGroupSize(groupSize, dim, options);
}

function requireGroupSize(groupSize: number, dim: number, options: WMseOptions): void {
  const least = smallestBatch(dim, options);
  if (groupSize >= least) return;
  throw new UnlabelError(
    'INVALID_OPTION',
    `groupSize is ${groupSize}, but whitening ${dim} dimensions needs ${least}.`,
    {
      fix: 'Give more, such as twice the dimensions; lower the projector’s width, or set epsilon above 0.',
    },
  );
}

export interface WMseMethodOptions extends WMseOptions {
  /** Samples that are whitened together, a divisor of the batch (default 128, for 64 dimensions). */ groupSize?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[1024, 64]`). */
  projector?: readonly number[];
}

/**
 * W-MSE: {@link wMseLoss} between the projections of two views or more, four in the paper's better variant.
 * Recipe of the authors for small images: Adam, learning rate 3e-3, weight decay 1e-6, 500 steps of warm-up.
 * @throws UnlabelError from `bind`: `INVALID_OPTION` when `groupSize` is too small for the projector
 * @see Ermolov, Siarohin, Sangineto & Sebe, ICML 2021, https://arxiv.org/abs/2007.06346
 */
export function wMse(options: WMseMethodOptions = {}): Objective {
  const { projector: widths = [1024, 64], groupSize = 128 } = options;
  return {
    name: 'w-mse',
    views: { min: 2 },
    minBatch: groupSize,
    ifNotFinite: 'Where samples are alike, their covariance is singular: set epsilon above 0, such as 0.001.',
    bind: (encoder) => {
      const dims = [encoder.outputDim, ...widths];
      requireGroupSize(groupSize, dims.at(-1) ?? 0, options);
      const projector = mlpHead({ dims, finalBias: false }); // whitening takes the mean out
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const rows = projectViews(views, { encoder, projector, minBatch: groupSize }, context);
          const z = tf.split<tf.Tensor2D>(rows, views.length);
          const loss = wMseLoss(z, { ...options, groupSize });
          return {
            loss,
            terms: { distance: loss },
            projection: tf.slice2d(rows, [0, 0], [rows.shape[0] / views.length, -1]),
          };
        },
      };
    },
  };
}
