import { UnlabelError } from '@unlabel/core';
import { type Features, requireFeatures } from './features';
import { centredColumns, type Vectors } from './spectrum';

/**
 * Linear CKA, eq. 3 in its feature form: ‖YᵀX‖²_F / (‖XᵀX‖_F ‖YᵀY‖_F) of centred features, in [0, 1]: how alike two
 * representations of the same samples are, whatever their dimensions, rotations and scales. 1 when one is a rotation of
 * the other, such as of two checkpoints between which nothing was learnt; 0 when one of them is constant. It is biased
 * upwards where samples are fewer than dimensions.
 * @param x features by one encoder; labels, if any, are not looked at
 * @param y features of the same samples, in the same order, by the other
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see Kornblith et al., Similarity of Neural Network Representations Revisited, ICML 2019, https://arxiv.org/abs/1905.00414
 */
export function linearCka(x: Features, y: Features): number {
  requireFeatures({ x, y });
  if (x.count !== y.count) {
    throw new UnlabelError('SHAPE_MISMATCH', `x holds ${x.count} samples but y holds ${y.count}.`, {
      fix: 'Row i of both must be of one sample.',
    });
  }
  if (x.count < 2) {
    throw new UnlabelError('BATCH_TOO_SMALL', 'There is one sample.', { fix: 'Similarity needs two or more.' });
  }
  const [X, Y] = [centredColumns(x), centredColumns(y)];
  const scale = Math.sqrt(crossNorm(X, X) * crossNorm(Y, Y));
  return scale > 0 ? Math.min(1, crossNorm(X, Y) / scale) : 0;
}

/** ‖XᵀY‖²_F: the sum of squared products of every dimension of one with every dimension of the other. */
function crossNorm(X: Vectors, Y: Vectors): number {
  let total = 0;
  for (let row = 0; row < X.size; row++) {
    const left = X.values.subarray(row * X.length, (row + 1) * X.length);
    for (let column = 0; column < Y.size; column++) {
      const start = column * Y.length;
      let product = 0;
      for (let at = 0; at < left.length; at++) product += (left[at] ?? 0) * (Y.values[start + at] ?? 0);
      total += product * product;
    }
  }
  return total;
}
