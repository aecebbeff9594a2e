import {
  logSumExp,
  type Objective,
  prototypeScores,
  requirePositive,
  sinkhorn,
  stopGradient,
  tf,
  UnlabelError,
} from '@unlabel/core';
import { type MaskedSiameseOptions, maskedSiamese } from './maskedSiamese';

export interface MsnAssignmentOptions {
  /** τ, divides the cosines with prototypes, > 0 (default 0.1). */ temperature?: number;
  /** T, targets are raised to 1/T, in (0, 1] (default 0.25). */ sharpening?: number;
  /** Rounds of Sinkhorn–Knopp on the targets (default 3; 0 for none). */ sinkhornIterations?: number;
}

export interface MsnOptions extends MsnAssignmentOptions {
  /** λ, weight of the mean entropy (default 1). */ meMaxWeight?: number;
}

/**
 * MSN, eq. 2: the cross-entropy H(p⁺, p) of each anchor with its target, averaged, − λ H(p̄), with p = softmax(ẑ q̂ᵀ/τ)
 * over prototypes q and p̄ the mean of all p. As in the authors' code, log K is added, so that the second term is 0 at best.
 * @param anchors z of masked and cropped views, `[views · batch, dim]`, one view after the other, not normalised
 * @param targets z⁺ of the target view, `[batch, dim]`; no gradient flows to them, nor to prototypes through them
 * @param prototypes q, `[prototypes, dim]`, not normalised
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Assran et al., ECCV 2022, https://arxiv.org/abs/2204.07141
 */
export function msnLoss(
  anchors: tf.Tensor2D,
  targets: tf.Tensor2D,
  prototypes: tf.Tensor2D,
  options: MsnOptions = {},
): tf.Scalar {
  return tf.tidy(() => weigh(msnTerms(anchors, targets, prototypes, options), options));
}

/** What {@link msnLoss} adds up, unweighted: mean H(p⁺, p), and log K − H(p̄). */
export type MsnTerms = Record<'crossEntropy' | 'meMax', tf.Scalar>;

/** The terms of {@link msnLoss}, of the same arguments. */
export function msnTerms(
  anchors: tf.Tensor2D,
  targets: tf.Tensor2D,
  prototypes: tf.Tensor2D,
  options: MsnAssignmentOptions = {},
): MsnTerms {
  return tf.tidy((): MsnTerms => {
    const { crossEntropy, logMean } = msnAssignment(anchors, targets, prototypes, options);
    return { crossEntropy, meMax: tf.add(tf.sum(tf.mul(tf.exp(logMean), logMean)), Math.log(prototypes.shape[0])) };
  });
}

/** What MSN and PMSN regularise: mean H(p⁺, p), and log p̄, `[prototypes]`. */
export function msnAssignment(
  anchors: tf.Tensor2D,
  targets: tf.Tensor2D,
  prototypes: tf.Tensor2D,
  options: MsnAssignmentOptions = {},
): { readonly crossEntropy: tf.Scalar; readonly logMean: tf.Tensor1D } {
  const { temperature: tau = 0.1 } = options;
  requirePositive({ temperature: tau });
  requireAnchors(anchors, targets, prototypes);
  const [rows, batch, count] = [anchors.shape[0], targets.shape[0], prototypes.shape[0]];
  const logP: tf.Tensor2D = tf.logSoftmax(tf.div(prototypeScores(anchors, prototypes), tau));
  const byView = tf.reshape(logP, [rows / batch, batch, count]);
  const likelihood = tf.sum(tf.mul(msnTargets(targets, prototypes, options), byView));
  return { crossEntropy: tf.div(likelihood, -rows), logMean: tf.sub(logSumExp(tf.transpose(logP)), Math.log(rows)) };
}

/** p⁺: softmax(ẑ⁺ q̂ᵀ/τ), sharpened, brought to equal use of the prototypes by Sinkhorn–Knopp; `[batch, prototypes]`. */
export function msnTargets(
  targets: tf.Tensor2D,
  prototypes: tf.Tensor2D,
  options: MsnAssignmentOptions = {},
): tf.Tensor2D {
  const { temperature: tau = 0.1, sharpening: T = 0.25, sinkhornIterations: iterations = 3 } = options;
  requirePositive({ temperature: tau, sharpening: T });
  return tf.tidy(() => {
    const logShares: tf.Tensor2D = tf.logSoftmax(tf.div(prototypeScores(targets, prototypes), tau * T)); // p^(1/T) ∝ exp(s/τT)
    return iterations > 0 ? sinkhorn(logShares, { epsilon: 1, iterations }) : stopGradient(tf.exp(logShares));
  });
}

function weigh({ crossEntropy, meMax }: MsnTerms, { meMaxWeight: lambda = 1 }: MsnOptions): tf.Scalar {
  return tf.add(crossEntropy, tf.mul(lambda, meMax));
}

function requireAnchors(anchors: tf.Tensor2D, targets: tf.Tensor2D, prototypes: tf.Tensor2D): void {
  const [[rows, dim], [batch, targetDim], [, prototypeDim]] = [anchors.shape, targets.shape, prototypes.shape];
  if (rows % batch === 0 && dim === targetDim && dim === prototypeDim) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `anchors is [${anchors.shape}], targets [${targets.shape}] and prototypes [${prototypes.shape}].`,
    { fix: 'Give anchors of whole views of the targets’ samples, and one dim for all.' },
  );
}

export interface MsnMethodOptions extends MsnOptions, MaskedSiameseOptions {}

/**
 * MSN: {@link msnLoss} between a momentum teacher that sees the first view whole, and a student that sees the others: those
 * of the same shape with patches left out, smaller, focal, ones whole.
 * Recipe of the paper: AdamW, learning rate 1e-3 with 15 epochs of warm-up, weight decay 0.04 → 0.4, one random and ten
 * focal views as anchors.
 * @see Assran et al., ECCV 2022, https://arxiv.org/abs/2204.07141
 */
export function msn(options: MsnMethodOptions = {}): Objective {
  return maskedSiamese('msn', options, (anchors, targets, prototypes) => {
    const terms = msnTerms(anchors, targets, prototypes, options);
    return { loss: weigh(terms, options), terms };
  });
}
