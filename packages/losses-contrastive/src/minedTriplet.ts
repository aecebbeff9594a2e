import { normaliseRows, requireViews, tf, UnlabelError } from '@unlabel/core';
import { sameClass } from './labels';

/** Which triplets of a batch count: see {@link minedTripletLoss}. */
export type TripletMining = 'hard' | 'semi-hard' | 'all';

export interface MinedTripletOptions {
  /** α, by how much a negative must be farther than the positive in squared distance, ≥ 0 (default 0.2). */ margin?: number;
  /** Which triplets count (default `'hard'`). */ mining?: TripletMining;
}

/**
 * FaceNet's triplet loss, eq. 3, over triplets of a batch, averaged over those that count: max(0, ‖a − p‖² − ‖a − n‖² + α) of
 * unit rows. With `mining`
 * - `'hard'`: for each anchor its farthest positive and nearest negative (Hermans et al., eq. 5)
 * - `'semi-hard'`: for each pair its nearest negative beyond the positive, or the farthest where none is beyond
 * - `'all'`: every triplet, also those that are far apart already (Hermans et al., eq. 6)
 *
 * The last two hold rows³ numbers. A batch of one class, or without a pair of one, has the loss 0.
 * @param z projections of all rows, `[rows, dim]`, not normalised
 * @param labels class of each row, int32 `[rows]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Schroff, Kalenichenko & Philbin, CVPR 2015, https://arxiv.org/abs/1503.03832
 * @see Hermans, Beyer & Leibe, 2017, https://arxiv.org/abs/1703.07737
 */
export function minedTripletLoss(z: tf.Tensor2D, labels: tf.Tensor1D, options: MinedTripletOptions = {}): tf.Scalar {
  const { margin = 0.2, mining = 'hard' } = options;
  requireViews({ z });
  requireMargin(margin);
  return tf.tidy(() => {
    const [rows] = z.shape;
    const unit = normaliseRows(z);
    const distances: tf.Tensor2D = tf.sub(2, tf.mul(2, tf.matMul(unit, unit, false, true))); // ‖a − b‖² of unit rows
    const same = sameClass(rows, labels);
    const pairs: Pairs = { distances, positive: tf.sub(same, tf.eye(rows)), negative: tf.sub(1, same) };
    const { gaps, counts } = mined[mining](pairs);
    const losses = tf.mul(counts, tf.relu(tf.add(gaps, margin)));
    return tf.div(tf.sum(losses), tf.maximum(tf.sum(counts), 1));
  });
}

/** Squared distances of all rows, and 1 where a pair of rows is a positive or a negative, else 0: each `[rows, rows]`. */
interface Pairs {
  readonly distances: tf.Tensor2D;
  readonly positive: tf.Tensor2D;
  readonly negative: tf.Tensor2D;
}

/** ‖a − p‖² − ‖a − n‖² of triplets, and 1 where there is such a triplet, else 0. */
interface Triplets {
  readonly gaps: tf.Tensor;
  readonly counts: tf.Tensor;
}

const beyond = 10; // squared distances of unit rows are in [0, 4]

const mined: Readonly<Record<TripletMining, (pairs: Pairs) => Triplets>> = {
  hard: ({ distances, positive, negative }) => {
    const farthest = tf.max(tf.sub(distances, tf.mul(beyond, tf.sub(1, positive))), 1);
    const nearest = tf.min(tf.add(distances, tf.mul(beyond, tf.sub(1, negative))), 1);
    return { gaps: tf.sub(farthest, nearest), counts: tf.mul(tf.max(positive, 1), tf.max(negative, 1)) };
  },
  'semi-hard': (pairs) => {
    const { gaps, counts } = mined.all(pairs); // `[anchors, positives, negatives]`
    const farther = tf.mul(counts, tf.step(tf.neg(gaps))); // negatives beyond the positive
    const nearestBeyond = tf.max(tf.sub(gaps, tf.mul(beyond, tf.sub(1, farther))), 2);
    const farthest = tf.min(tf.add(gaps, tf.mul(beyond, tf.sub(1, counts))), 2);
    const any = tf.max(farther, 2);
    const chosen = tf.add(tf.mul(any, nearestBeyond), tf.mul(tf.sub(1, any), farthest));
    return { gaps: chosen, counts: tf.max(counts, 2) };
  },
  all: ({ distances, positive, negative }) => ({
    gaps: tf.sub(tf.expandDims(distances, 2), tf.expandDims(distances, 1)),
    counts: tf.mul(tf.expandDims(positive, 2), tf.expandDims(negative, 1)),
  }),
};

function requireMargin(margin: number): void {
  if (margin >= 0) return;
  throw new UnlabelError('INVALID_OPTION', `margin is ${margin}.`, { fix: 'Give a number from 0, such as 0.2.' });
}
