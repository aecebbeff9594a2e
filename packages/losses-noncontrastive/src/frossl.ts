import { mlpHead, normaliseRows, type Objective, projectViews, requireViews, tf, variablesOf } from '@unlabel/core';

export interface FrosslOptions {
  /** Weight of the invariance term (default 1). */ invarianceWeight?: number;
}

/**
 * FroSSL: ℒ = Σ_v [log ‖K_v/tr K_v‖²_F + (V/N) ‖Z_v − Z̄‖²_F] over V views of N samples. The columns of each Z_v, its
 * dimensions over the batch, are normalised first; K_v = Z_vᵀZ_v, and Z̄ is the mean over views. The first term is the
 * negative Rényi entropy of the spectrum of K_v, lowest when all its eigenvalues are equal.
 * @param views projections of one view or more, each `[batch, dim]`, not normalised
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Skean, Dhakal, Jacobs & Sanchez Giraldo, ECCV 2024, https://arxiv.org/abs/2310.02903
 */
export function frosslLoss(views: readonly tf.Tensor2D[], options: FrosslOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(frosslTerms(views), options));
}

/** What {@link frosslLoss} adds up, summed over views: log ‖K_v/tr K_v‖²_F and (V/N) ‖Z_v − Z̄‖²_F. */
export type FrosslTerms = Record<'negativeEntropy' | 'invariance', tf.Scalar>;

/** The terms of {@link frosslLoss}, of the same arguments. */
export function frosslTerms(views: readonly tf.Tensor2D[]): FrosslTerms {
  requireViews(Object.fromEntries(views.map((z, view) => [`z${view}`, z])));
  return tf.tidy((): FrosslTerms => {
    const columns = views.map((z) => normaliseRows(tf.transpose(z))); // Z_vᵀ, `[dim, batch]`
    const centre: tf.Tensor2D = tf.div(tf.addN(columns), columns.length);
    const distances = columns.map((zT): tf.Scalar => tf.sum(tf.squaredDifference(zT, centre)));
    const [, batch = 1] = centre.shape;
    return {
      negativeEntropy: tf.addN(columns.map(negativeEntropy)),
      invariance: tf.mul(columns.length / batch, tf.addN(distances)),
    };
  });
}

/** log ‖K/tr K‖²_F of Zᵀ `[dim, batch]`, by K = ZᵀZ or Z Zᵀ, whichever is smaller: both have the same eigenvalues but 0. */
function negativeEntropy(zT: tf.Tensor2D): tf.Scalar {
  const [dim, batch] = zT.shape;
  const squaredNorm = tf.sum(tf.square(tf.matMul(zT, zT, dim > batch, dim <= batch)));
  // Each column has length 1, so that tr K is dim, and ‖K‖² at least 1 unless all projections are 0.
  return tf.sub(tf.log(tf.maximum(squaredNorm, 1)), 2 * Math.log(dim));
}

/** negativeEntropy + weight · invariance. */
function weigh({ negativeEntropy, invariance }: FrosslTerms, { invarianceWeight = 1 }: FrosslOptions): tf.Scalar {
  return tf.add(negativeEntropy, tf.mul(invarianceWeight, invariance));
}

export interface FrosslMethodOptions extends FrosslOptions {
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[2048, 2048, 1024]`). */
  projector?: readonly number[];
}

/**
 * FroSSL: {@link frosslLoss} of the projections of two views or more of each sample.
 * Recipe of the paper: LARS, cosine after 10 epochs of warm-up, batches of 256, two to eight views.
 * @see Skean, Dhakal, Jacobs & Sanchez Giraldo, ECCV 2024, https://arxiv.org/abs/2310.02903
 */
export function frossl(options: FrosslMethodOptions = {}): Objective {
  const { projector: widths = [2048, 2048, 1024] } = options;
  return {
    name: 'frossl',
    views: { min: 2 },
    minBatch: 2, // of one sample, all dimensions are the same
    bind: (encoder) => {
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const rows = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const z = tf.split<tf.Tensor2D>(rows, views.length);
          const terms = frosslTerms(z);
          return { loss: weigh(terms, options), terms, projection: tf.concat2d(z.slice(0, 1), 0) };
        },
      };
    },
  };
}
