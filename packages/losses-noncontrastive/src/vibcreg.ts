import {
  type Layer,
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requireViews,
  tf,
  twoViews,
  variablesOf,
} from '@unlabel/core';
import { varianceTerm } from './vicreg';
import { whitening } from './whitening';

export interface VibcregOptions {
  /** λ, weight of the invariance term (default 25). */ invarianceWeight?: number;
  /** μ, weight of the variance term (default 25). */ varianceWeight?: number;
  /** ν, weight of the covariance term (default 200). */ covarianceWeight?: number;
}

/**
 * VIbCReg, eq. 7: ℓ(Z₀, Z₁) = λ s(Z₀, Z₁) + μ [v(Z₀) + v(Z₁)] + ν [c(Z₀) + c(Z₁)]: VICReg with a “better covariance” c, of
 * normalised dimensions, whose size depends neither on their spread nor on their number.
 * @param z0 projections of view 0, `[batch, dim]`, batch ≥ 2, not normalised
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 * @see Lee & Aune 2021, https://arxiv.org/abs/2109.00783
 */
export function vibcregLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: VibcregOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(vibcregTerms(z0, z1), options));
}

/** What {@link vibcregLoss} adds up, unweighted: s(Z₀, Z₁), v(Z₀) + v(Z₁) and c(Z₀) + c(Z₁). */
export type VibcregTerms = Record<'invariance' | 'variance' | 'covariance', tf.Scalar>;

/** The terms of {@link vibcregLoss}, of the same arguments. */
export function vibcregTerms(z0: tf.Tensor2D, z1: tf.Tensor2D): VibcregTerms {
  requireViews({ z0, z1 }, { minBatch: 2 });
  return tf.tidy(
    (): VibcregTerms => ({
      invariance: tf.mean(tf.squaredDifference(z0, z1)),
      variance: tf.add(varianceTerm(z0), varianceTerm(z1)),
      covariance: tf.add(covarianceTerm(z0), covarianceTerm(z1)),
    }),
  );
}

/** c(Z): squared correlations between different dimensions, summed, over dim². A constant dimension correlates with none. */
function covarianceTerm(z: tf.Tensor2D): tf.Scalar {
  const centred = tf.transpose(tf.sub(z, tf.mean(z, 0, true)));
  const unit = normaliseRows(centred); // Zᵀ, each dimension of length 1
  const correlation = tf.matMul(unit, unit, false, true); // `[dim, dim]`
  return tf.mean(tf.square(tf.mul(correlation, tf.sub(1, tf.eye(z.shape[1])))));
}

/** λ s + μ v + ν c. */
function weigh({ invariance, variance, covariance }: VibcregTerms, options: VibcregOptions): tf.Scalar {
  const { invarianceWeight: lambda = 25, varianceWeight: mu = 25, covarianceWeight: nu = 200 } = options;
  return tf.add(tf.mul(lambda, invariance), tf.add(tf.mul(mu, variance), tf.mul(nu, covariance)));
}

export interface VibcregMethodOptions extends VibcregOptions {
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[4096, 4096, 4096]`). */
  projector?: readonly number[];
  /** Whether iterative whitening, the paper's IterNorm, follows the projector (default true). */ whiten?: boolean;
}

/**
 * VIbCReg: {@link vibcregLoss} between the projections of two views of each sample, whitened.
 * Recipe of the paper: AdamW, learning rate 1e-3 · batch/256, weight decay 1e-5, cosine.
 * @see Lee & Aune 2021, https://arxiv.org/abs/2109.00783
 */
export function vibcreg(options: VibcregMethodOptions = {}): Objective {
  const { projector: widths = [4096, 4096, 4096], whiten = true } = options;
  return {
    name: 'vibcreg',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      // No term sees a shift, so that a final bias would have no gradient; nor does whitening.
      const head = mlpHead({ dims: [encoder.outputDim, ...widths], finalBias: false });
      const projector = whiten ? whitened(head, widths.at(-1) ?? 0) : head;
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const z = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const [z0, z1] = twoViews(z);
          const terms = vibcregTerms(z0, z1);
          return { loss: weigh(terms, options), terms, projection: z0 };
        },
      };
    },
  };
}

/** The head, followed by iterative whitening of what it gives. Variables: `head/…`, `norm/…`. */
function whitened(head: Layer<tf.Tensor2D, tf.Tensor2D>, dim: number): Layer<tf.Tensor2D, tf.Tensor2D> {
  const norm = whitening({ dim, method: 'iterative' });
  return {
    variables: variablesOf({ head, norm }),
    apply: (h, context) => norm.apply(head.apply(h, context.scope('head')), context.scope('norm')),
  };
}
