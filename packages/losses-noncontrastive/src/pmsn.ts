import { type Objective, tf } from '@unlabel/core';
import { type MaskedSiameseOptions, maskedSiamese } from './maskedSiamese';
import { type MsnAssignmentOptions, msnAssignment } from './msn';

export interface PmsnOptions extends MsnAssignmentOptions {
  /** Exponent of the power law: the k-th prototype is expected k^−exponent times as often as the first (default 0.25). */
  powerLawExponent?: number;
  /** λ, weight of the prior (default 1). */ priorWeight?: number;
}

/**
 * PMSN: MSN's cross-entropy + λ KL(q ‖ p̄), with a power law q_k ∝ k^−exponent in place of the uniform distribution that
 * maximal mean entropy asks for: for data whose classes are of unequal size.
 * @param anchors z of masked and cropped views, `[views · batch, dim]`, one view after the other, not normalised
 * @param targets z⁺ of the target view, `[batch, dim]`; no gradient flows to them, nor to prototypes through them
 * @param prototypes `[prototypes, dim]`, not normalised
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Assran et al., The Hidden Uniform Cluster Prior, ICLR 2023, https://arxiv.org/abs/2210.07277
 */
export function pmsnLoss(
  anchors: tf.Tensor2D,
  targets: tf.Tensor2D,
  prototypes: tf.Tensor2D,
  options: PmsnOptions = {},
): tf.Scalar {
  return tf.tidy(() => weigh(pmsnTerms(anchors, targets, prototypes, options), options));
}

/** What {@link pmsnLoss} adds up, unweighted: mean H(p⁺, p), and KL(q ‖ p̄). */
export type PmsnTerms = Record<'crossEntropy' | 'prior', tf.Scalar>;

/** The terms of {@link pmsnLoss}, of the same arguments. */
export function pmsnTerms(
  anchors: tf.Tensor2D,
  targets: tf.Tensor2D,
  prototypes: tf.Tensor2D,
  options: PmsnOptions = {},
): PmsnTerms {
  const { powerLawExponent = 0.25 } = options;
  return tf.tidy((): PmsnTerms => {
    const { crossEntropy, logMean } = msnAssignment(anchors, targets, prototypes, options);
    const q = powerLaw(prototypes.shape[0], powerLawExponent);
    return { crossEntropy, prior: tf.sum(tf.mul(q, tf.sub(tf.log(q), logMean))) };
  });
}

/** q_k ∝ k^−exponent for k = 1 … count. */
function powerLaw(count: number, exponent: number): tf.Tensor1D {
  const weights = Array.from({ length: count }, (_, k) => (k + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return tf.tensor1d(weights.map((weight) => weight / total));
}

function weigh({ crossEntropy, prior }: PmsnTerms, { priorWeight: lambda = 1 }: PmsnOptions): tf.Scalar {
  return tf.add(crossEntropy, tf.mul(lambda, prior));
}

export interface PmsnMethodOptions extends PmsnOptions, MaskedSiameseOptions {}

/**
 * PMSN: {@link pmsnLoss} in place of MSN's loss, all else as in `msn`.
 * @see Assran et al., The Hidden Uniform Cluster Prior, ICLR 2023, https://arxiv.org/abs/2210.07277
 */
export function pmsn(options: PmsnMethodOptions = {}): Objective {
  return maskedSiamese('pmsn', options, (anchors, targets, prototypes) => {
    const terms = pmsnTerms(anchors, targets, prototypes, options);
    return { loss: weigh(terms, options), terms };
  });
}
