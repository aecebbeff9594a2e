import { mlpHead, type Objective, projectViews, requireViews, tf, twoViews, variablesOf } from '@unlabel/core';

export interface BarlowTwinsOptions {
  /** λ, weight of the off-diagonal term (default 0.005; the authors' code has 0.0051). */ offDiagonalWeight?: number;
}

/**
 * Barlow Twins, eq. 1: ℒ = Σᵢ (1 − Cᵢᵢ)² + λ Σᵢ Σ_{j≠i} Cᵢⱼ², with the {@link crossCorrelation} C of both views.
 * @param z0 projections of view 0, `[batch, dim]`, batch ≥ 2, not normalised
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 * @see Zbontar, Jing, Misra, LeCun & Deny, ICML 2021, https://arxiv.org/abs/2103.03230
 */
export function barlowTwinsLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: BarlowTwinsOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(barlowTwinsTerms(crossCorrelation(z0, z1)), options));
}

/** What eq. 1 adds up, unweighted: Σᵢ (1 − Cᵢᵢ)² and Σᵢ Σ_{j≠i} Cᵢⱼ². */
export type BarlowTwinsTerms = Record<'diagonal' | 'offDiagonal', tf.Scalar>;

/** The terms of {@link barlowTwinsLoss}. @param correlation C, `[dim, dim]` */
export function barlowTwinsTerms(correlation: tf.Tensor2D): BarlowTwinsTerms {
  return tf.tidy((): BarlowTwinsTerms => {
    const identity = tf.eye(correlation.shape[0]);
    return {
      diagonal: tf.sum(tf.square(tf.mul(tf.sub(1, correlation), identity))),
      offDiagonal: tf.sum(tf.square(tf.mul(correlation, tf.sub(1, identity)))),
    };
  });
}

/**
 * C, eq. 2: correlations over the batch between each dimension of view 0 and each of view 1. Dimensions are standardised as
 * the authors' batch norm does, with the biased variance and ε = 1e-5 in the root, so that a constant one correlates 0.
 * @param z0 `[batch, dim]`, batch ≥ 2
 * @param z1 same shape
 * @returns `[dim, dim]`, in [−1, 1]
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 */
export function crossCorrelation(z0: tf.Tensor2D, z1: tf.Tensor2D): tf.Tensor2D {
  requireViews({ z0, z1 }, { minBatch: 2 });
  return tf.tidy(() => tf.div(tf.matMul(standardise(z0), standardise(z1), true), z0.shape[0]));
}

/** Each dimension less its mean, over its standard deviation. */
function standardise(z: tf.Tensor2D): tf.Tensor2D {
  const centred = tf.sub(z, tf.mean(z, 0, true));
  const variance = tf.mean(tf.square(centred), 0, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
}

/** diagonal + λ · offDiagonal. */
function weigh({ diagonal, offDiagonal }: BarlowTwinsTerms, options: BarlowTwinsOptions): tf.Scalar {
  const { offDiagonalWeight: lambda = 0.005 } = options;
  return tf.add(diagonal, tf.mul(lambda, offDiagonal));
}

export interface BarlowTwinsMethodOptions extends BarlowTwinsOptions {
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[8192, 8192, 8192]`). */
  projector?: readonly number[];
}

/**
 * Barlow Twins: {@link barlowTwinsLoss} between the projections of two views of each sample.
 * Recipe of the paper: LARS, learning rate 0.2 · batch/256 for weights and 0.0048 · batch/256 for biases and norms, weight
 * decay 1.5e-6, 10 epochs of warm-up, batches of 2048.
 * @see Zbontar, Jing, Misra, LeCun & Deny, ICML 2021, https://arxiv.org/abs/2103.03230
 */
export function barlowTwins(options: BarlowTwinsMethodOptions = {}): Objective {
  const { projector: widths = [8192, 8192, 8192] } = options;
  return {
    name: 'barlow-twins',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      // Standardising takes out a shift, so that a final bias would have no gradient.
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths], finalBias: false });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const z = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const [z0, z1] = twoViews(z);
          const terms = barlowTwinsTerms(crossCorrelation(z0, z1));
          return { loss: weigh(terms, options), terms, projection: z0 };
        },
      };
    },
  };
}
