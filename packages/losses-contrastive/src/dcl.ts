import {
  fusedOp,
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  runsFused,
  stopGradient,
  tf,
  twoViews,
  variablesOf,
} from '@unlabel/core';
import { negatives } from './negatives';

export interface DclLossOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.1). */ temperature?: number | tf.Scalar;
}

/**
 * Decoupled contrastive loss, eq. 6, averaged over both views: −⟨zᵢ, zᵢ′⟩/τ + log Σ_{j≠i} [exp(⟨zᵢ, zⱼ⟩/τ) + exp(⟨zᵢ, zⱼ′⟩/τ)].
 * NT-Xent whose sum leaves the positive out, so that an easy positive does not weaken the push of the negatives. It can be
 * below 0.
 * @param z0 projections of view 0, `[batch, dim]`, batch ≥ 2, not normalised
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Yeh et al., ECCV 2022, https://arxiv.org/abs/2110.06848
 */
export function dclLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: DclLossOptions = {}): tf.Scalar {
  if (!runsFused('ntXent')) return bothDirections(z0, z1, options, (cosines) => cosines);
  const { temperature: tau = 0.1 } = options;
  requireViews({ z0, z1 }, { minBatch: 2 });
  requirePositive({ temperature: tau });
  return tf.tidy(() => {
    const inputs = { z: tf.concat2d([z0, z1], 0), temperature: typeof tau === 'number' ? tf.scalar(tau) : tau };
    return fusedOp('ntXent', inputs, { views: 2, decoupled: true }, ({ z, temperature }) => {
      const views = twoViews(tf.reshape(z, [-1, z.shape[1] ?? 1]));
      return bothDirections(...views, { temperature: tf.reshape(temperature, []) }, (cosines) => cosines);
    });
  });
}

export interface DclwLossOptions extends DclLossOptions {
  /** σ, how sharply weights fall with similarity, > 0 (default 0.5). */ sigma?: number;
}

/**
 * DCLW, eq. 7: {@link dclLoss} whose positive counts w = 2 − exp(⟨zᵢ, zᵢ′⟩/σ) / meanⱼ exp(⟨zⱼ, zⱼ′⟩/σ) times, more the
 * less its views agree. Weights are of cosine similarities and have no gradient.
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 */
export function dclwLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: DclwLossOptions = {}): tf.Scalar {
  const { sigma = 0.5 } = options;
  requirePositive({ sigma });
  return bothDirections(z0, z1, options, (cosines) => {
    const weights = tf.sub(2, tf.mul(cosines.size, tf.softmax(tf.div(cosines, sigma))));
    return tf.mul(stopGradient(weights), cosines);
  });
}

/** Mean of L(z0 → z1) and L(z1 → z0). @param weigh w⟨zᵢ, zᵢ′⟩, of the cosines of all positives, `[batch]` */
function bothDirections(
  z0: tf.Tensor2D,
  z1: tf.Tensor2D,
  { temperature: tau = 0.1 }: DclLossOptions,
  weigh: (cosines: tf.Tensor1D) => tf.Tensor1D,
): tf.Scalar {
  requireViews({ z0, z1 }, { minBatch: 2 });
  requirePositive({ temperature: tau });
  return tf.tidy(() => {
    const [unit0, unit1] = [normaliseRows(z0), normaliseRows(z1)];
    const positive = tf.div(weigh(tf.sum(tf.mul(unit0, unit1), 1)), tau);
    const negative = tf.add(negatives(unit0, unit1, tau), negatives(unit1, unit0, tau));
    return tf.mean(tf.sub(tf.div(negative, 2), positive));
  });
}

export interface DclOptions extends DclLossOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.1). */ temperature?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[encoder's width, 128]`). */
  projector?: readonly number[];
}

/**
 * DCL: {@link dclLoss} between the projections of two views of each sample; learns from batches of 256 and fewer.
 * Recipe of the paper: SGD, learning rate 0.03 · batch/256, weight decay 1e-4.
 * @see Yeh et al., ECCV 2022, https://arxiv.org/abs/2110.06848
 */
export function dcl(options: DclOptions = {}): Objective {
  return method('dcl', options, (z0, z1) => dclLoss(z0, z1, options));
}

export interface DclwOptions extends DclOptions {
  /** σ, how sharply weights fall with similarity, > 0 (default 0.5). */ sigma?: number;
}

/** DCLW: {@link dcl} with {@link dclwLoss}. */
export function dclw(options: DclwOptions = {}): Objective {
  return method('dclw', options, (z0, z1) => dclwLoss(z0, z1, options));
}

function method(name: string, options: DclOptions, lossOf: typeof dclLoss): Objective {
  return {
    name,
    views: { min: 2, max: 2 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim, 128] } = options;
      const network = { encoder, projector: mlpHead({ dims: [encoder.outputDim, ...widths] }) };
      return {
        variables: variablesOf(network),
        loss: ({ views }, context) => {
          const [z0, z1] = twoViews(projectViews(views, { ...network, minBatch: 2 }, context));
          const loss = lossOf(z0, z1);
          return { loss, terms: { [name]: loss }, projection: z0 };
        },
      };
    },
  };
}
