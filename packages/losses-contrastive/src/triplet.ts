import {
  logSumExp,
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { labelsOf } from './labels';
import { type MinedTripletOptions, minedTripletLoss } from './minedTriplet';

export interface TripletLossOptions {
  /** m, by how much a negative must be farther than the positive, ≥ 0 (default 1). */ margin?: number;
  /** The norm ‖a − b + 1e-6‖_p of row differences (default), or 1 − cosine. */ distance?: 'euclidean' | 'cosine';
  /** p of that norm, ≥ 1 (default 2). */ p?: number;
  /** Whether the negative's distance is to the nearer one of anchor and positive (default false). */ swap?: boolean;
}

/**
 * Triplet loss, averaged over the batch: max(0, m + d(a, p) − d(a, n)). FaceNet's, eq. 3, has squared distances of unit rows,
 * and is twice this for `{ distance: 'cosine', margin: 0.1 }`; {@link minedTripletLoss} finds its triplets, too.
 * @param anchor a, `[batch, dim]`, taken as it is
 * @param positive p, same shape
 * @param negative n, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Schroff, Kalenichenko & Philbin, FaceNet, CVPR 2015, https://arxiv.org/abs/1503.03832
 */
export function tripletLoss(
  anchor: tf.Tensor2D,
  positive: tf.Tensor2D,
  negative: tf.Tensor2D,
  options: TripletLossOptions = {},
): tf.Scalar {
  const { margin = 1, distance = 'euclidean', p = 2, swap = false } = options;
  requireViews({ anchor, positive, negative });
  requireDistance(margin, p);
  const d = distance === 'cosine' ? cosineDistance : (a: tf.Tensor2D, b: tf.Tensor2D) => normOfDifference(a, b, p);
  return tf.tidy(() => {
    const far = d(anchor, negative);
    const negativeDistance = swap ? tf.minimum(far, d(positive, negative)) : far;
    return tf.mean(tf.relu(tf.add(margin, tf.sub(d(anchor, positive), negativeDistance))));
  });
}

/** ‖a − b + ε‖_p of each row: ε = 1e-6, as in PyTorch, gives equal rows a finite gradient. */
function normOfDifference(a: tf.Tensor2D, b: tf.Tensor2D, p: number): tf.Tensor1D {
  const difference = tf.abs(tf.add(tf.sub(a, b), 1e-6));
  if (p === 1) return tf.sum(difference, 1);
  return tf.pow(tf.sum(tf.pow(difference, p), 1), 1 / p);
}

function cosineDistance(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  return tf.sub(1, tf.sum(tf.mul(normaliseRows(a), normaliseRows(b)), 1));
}

function requireDistance(margin: number, p: number): void {
  for (const [name, value, least] of [['margin', margin, 0] as const, ['p', p, 1] as const]) {
    if (value >= least) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: `Give a number from ${least}.` });
  }
}

export interface OneNegativeNtXentOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.5). */ temperature?: number | tf.Scalar;
}

/**
 * NT-Xent with one negative, averaged over the batch: −log( exp(a·p/τ) / [exp(a·p/τ) + exp(a·n/τ)] ), which is a soft
 * {@link tripletLoss}: times τ it tends, for τ → 0, to that of cosine distances with margin 0.
 * @param anchor a, `[batch, dim]`, not normalised
 * @param positive p, same shape
 * @param negative n, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Chen et al., SimCLR, 2020, table 2, https://arxiv.org/abs/2002.05709
 */
export function oneNegativeNtXentLoss(
  anchor: tf.Tensor2D,
  positive: tf.Tensor2D,
  negative: tf.Tensor2D,
  options: OneNegativeNtXentOptions = {},
): tf.Scalar {
  const { temperature: tau = 0.5 } = options;
  requireViews({ anchor, positive, negative });
  requirePositive({ temperature: tau });
  return tf.tidy(() => {
    const unit = normaliseRows(anchor);
    const cosine = (z: tf.Tensor2D): tf.Tensor2D => tf.sum(tf.mul(unit, normaliseRows(z)), 1, true);
    const [pull, push] = [tf.div<tf.Tensor2D>(cosine(positive), tau), tf.div<tf.Tensor2D>(cosine(negative), tau)];
    return tf.mean(tf.sub(logSumExp(tf.concat2d([pull, push], 1)), tf.squeeze(pull, [1])));
  });
}

export interface TripletOptions extends MinedTripletOptions {
  /** Whether classes are labels, which the loader must give, or the views of a sample are its class (default false). */
  supervised?: boolean;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[encoder's width, 128]`). */
  projector?: readonly number[];
}

/**
 * Triplets mined from the projections of two views of each sample, or more: see {@link minedTripletLoss}. Views of a
 * sample are each other's positives, and so are samples of a class if it is `supervised`.
 * @see Schroff, Kalenichenko & Philbin, FaceNet, CVPR 2015, https://arxiv.org/abs/1503.03832
 */
export function triplet(options: TripletOptions = {}): Objective {
  const { supervised = false } = options;
  const needs: Pick<Objective, 'needs'> = supervised ? { needs: ['labels'] } : {};
  return {
    ...needs,
    name: 'triplet',
    views: { min: supervised ? 1 : 2 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim, 128] } = options;
      const network = { encoder, projector: mlpHead({ dims: [encoder.outputDim, ...widths] }) };
      return {
        variables: variablesOf(network),
        loss: ({ views, tensors }, context) => {
          const z = projectViews(views, { ...network, minBatch: 2 }, context);
          const batch = z.shape[0] / views.length;
          const labels = supervised ? labelsOf(tensors) : tf.range(0, batch, 1, 'int32');
          const loss = minedTripletLoss(z, tf.tile(labels, [views.length]), options);
          return { loss, terms: { triplet: loss }, projection: tf.slice2d(z, [0, 0], [batch, -1]) };
        },
      };
    },
  };
}
