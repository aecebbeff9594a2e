import { mlpHead, type Objective, projectViews, requireViews, tf, twoViews, variablesOf } from '@unlabel/core';

export interface VicregOptions {
  /** λ, weight of the invariance term (default 25). */ invarianceWeight?: number;
  /** μ, weight of the variance term (default 25). */ varianceWeight?: number;
  /** ν, weight of the covariance term (default 1). */ covarianceWeight?: number;
}

/**
 * VICReg, eq. 6: ℓ(Z₀, Z₁) = λ s(Z₀, Z₁) + μ [v(Z₀) + v(Z₁)] + ν [c(Z₀) + c(Z₁)].
 * The authors' code halves the variance bracket; `varianceWeight: 12.5` gives its value.
 * @param z0 projections of view 0, `[batch, dim]`, batch ≥ 2, not normalised
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 * @see Bardes, Ponce & LeCun, ICLR 2022, https://arxiv.org/abs/2105.04906
 */
export function vicregLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: VicregOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(vicregTerms(z0, z1), options));
}

/** What eq. 6 adds up, unweighted: s(Z₀, Z₁), v(Z₀) + v(Z₁) and c(Z₀) + c(Z₁). */
export type VicregTerms = Record<'invariance' | 'variance' | 'covariance', tf.Scalar>;

/** The terms of {@link vicregLoss}, of the same arguments. */
export function vicregTerms(z0: tf.Tensor2D, z1: tf.Tensor2D): VicregTerms {
  requireViews({ z0, z1 }, { minBatch: 2 });
  return tf.tidy(
    (): VicregTerms => ({
      invariance: tf.mean(tf.squaredDifference(z0, z1)), // eq. 5 sums over dim; Algorithm 1 averages
      variance: tf.add(varianceTerm(z0), varianceTerm(z1)),
      covariance: tf.add(covarianceTerm(z0), covarianceTerm(z1)),
    }),
  );
}

/** v(Z), eqs. 1–2 with γ = 1, ε = 1e-4: each dimension short of standard deviation γ pays the gap. */
export function varianceTerm(z: tf.Tensor2D): tf.Scalar {
  const unbiased = z.shape[0] / (z.shape[0] - 1); // tf.moments divides by batch
  const std = tf.sqrt(tf.add(tf.mul(tf.moments(z, 0).variance, unbiased), 1e-4));
  return tf.mean(tf.relu(tf.sub(1, std)));
}

/** c(Z), eqs. 3–4: squared covariances between different dimensions, summed, over dim. */
function covarianceTerm(z: tf.Tensor2D): tf.Scalar {
  const centred = tf.sub(z, tf.mean(z, 0, true));
  const covariance = tf.div(tf.matMul(centred, centred, true), z.shape[0] - 1); // C(Z), `[dim, dim]`
  return tf.div(tf.sum(tf.square(tf.mul(covariance, tf.sub(1, tf.eye(z.shape[1]))))), z.shape[1]);
}

/** λ s + μ v + ν c. */
function weigh({ invariance, variance, covariance }: VicregTerms, options: VicregOptions): tf.Scalar {
  const { invarianceWeight: lambda = 25, varianceWeight: mu = 25, covarianceWeight: nu = 1 } = options;
  return tf.add(tf.mul(lambda, invariance), tf.add(tf.mul(mu, variance), tf.mul(nu, covariance)));
}

export interface VicregMethodOptions extends VicregOptions {
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[8192, 8192, 8192]`). */
  projector?: readonly number[];
}

/**
 * VICReg: {@link vicregLoss} between the projections of two views of each sample.
 * Recipe of the paper: LARS, learning rate 0.2 · batch/256, weight decay 1e-6, 10 epochs of warm-up.
 * @see Bardes, Ponce & LeCun, ICLR 2022, https://arxiv.org/abs/2105.04906
 */
export function vicreg(options: VicregMethodOptions = {}): Objective {
  const { projector: widths = [8192, 8192, 8192] } = options;
  return {
    name: 'vicreg',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      // No term sees a shift of all projections, so that a final bias would have no gradient.
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths], finalBias: false });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const z = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const [z0, z1] = twoViews(z);
          const terms = vicregTerms(z0, z1);
          return { loss: weigh(terms, options), terms, projection: z0 };
        },
      };
    },
  };
}
