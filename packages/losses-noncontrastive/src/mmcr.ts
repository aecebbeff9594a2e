import { mlpHead, normaliseRows, type Objective, projectViews, requireViews, tf, variablesOf } from '@unlabel/core';
import { nuclearNorm } from './nuclearNorm';

export interface MmcrOptions {
  /** λ, weight of the spread of each sample's views (default 0: the centroids alone make views agree). */ localWeight?: number;
}

/**
 * MMCR: ℒ = λ (1/B) Σ_b ‖Z_b‖_* − ‖C‖_*, where ‖·‖_* is the nuclear norm, Z_b `[views, dim]` holds the normalised
 * projections of sample b's views, and C `[batch, dim]` their means, the centroids.
 * lightly does not normalise, adds a teacher's views, and has λ = 5e-3.
 * @param views projections of one view or more, each `[batch, dim]`, not normalised
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Yerxa, Kuang, Simoncelli & Chung, NeurIPS 2023, https://arxiv.org/abs/2303.03307
 */
export function mmcrLoss(views: readonly tf.Tensor2D[], options: MmcrOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(mmcrTerms(views), options));
}

/** What {@link mmcrLoss} adds up: (1/B) Σ_b ‖Z_b‖_* and ‖C‖_*. */
export type MmcrTerms = Record<'local' | 'centroids', tf.Scalar>;

/** The terms of {@link mmcrLoss}, of the same arguments. */
export function mmcrTerms(views: readonly tf.Tensor2D[]): MmcrTerms {
  requireViews(Object.fromEntries(views.map((z, view) => [`z${view}`, z])));
  return tf.tidy((): MmcrTerms => {
    const unit = views.map((z) => tf.expandDims<tf.Tensor3D>(normaliseRows(z), 1));
    const samples = tf.concat3d(unit, 1); // Z_b for each b: `[batch, views, dim]`
    const centroids = tf.mean<tf.Tensor3D>(tf.transpose(samples, [1, 0, 2]), 0, true);
    return { local: tf.mean(nuclearNorm(samples)), centroids: tf.sum(nuclearNorm(centroids)) };
  });
}

/** λ · local − centroids. */
function weigh({ local, centroids }: MmcrTerms, { localWeight: lambda = 0 }: MmcrOptions): tf.Scalar {
  return tf.sub(tf.mul(lambda, local), centroids);
}

export interface MmcrMethodOptions extends MmcrOptions {
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[8192, 8192, 512]`). */
  projector?: readonly number[];
}

/**
 * MMCR: {@link mmcrLoss} of the projections of two views or more of each sample; more views, better centroids.
 * Recipe of the paper: LARS, weight decay 1e-6, batches of 2048, 10 epochs of warm-up, cosine.
 * @see Yerxa, Kuang, Simoncelli & Chung, NeurIPS 2023, https://arxiv.org/abs/2303.03307
 */
export function mmcr(options: MmcrMethodOptions = {}): Objective {
  const { projector: widths = [8192, 8192, 512] } = options;
  return {
    name: 'mmcr',
    views: { min: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const rows = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const terms = mmcrTerms(tf.split<tf.Tensor2D>(rows, views.length));
          const projection = tf.slice2d(rows, [0, 0], [rows.shape[0] / views.length, -1]);
          return { loss: weigh(terms, options), terms, projection };
        },
      };
    },
  };
}
