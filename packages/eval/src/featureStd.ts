import { UnlabelError } from '@unlabel/core';
import { type Features, requireFeatures, unitRows } from './features';

/**
 * √dim times the mean over dimensions of the standard deviation (over n − 1) of L2-normalised features: about 1 when
 * they spread over the sphere, 0 when they have collapsed to a point. SimSiam and lightly's `std_of_l2_normalized` leave
 * √dim out, so that their healthy value is 1/√dim.
 * @param data at least two rows; its labels, if any, are not looked at
 * @throws UnlabelError `BATCH_TOO_SMALL`, `DATASET_EMPTY`, `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 * @see Chen & He, CVPR 2021, https://arxiv.org/abs/2011.10566, fig. 2
 */
export function featureStd(data: Features): number {
  requireFeatures({ features: data });
  const { count, dim } = data;
  if (count < 2) {
    throw new UnlabelError('BATCH_TOO_SMALL', 'There is one row of features.', { fix: 'A spread needs two or more.' });
  }
  const unit = unitRows(data);
  let total = 0;
  for (let column = 0; column < dim; column++) {
    let sum = 0;
    for (let at = column; at < unit.length; at += dim) sum += unit[at] ?? 0;
    let squares = 0;
    for (let at = column; at < unit.length; at += dim) squares += ((unit[at] ?? 0) - sum / count) ** 2;
    total += Math.sqrt(squares / (count - 1));
  }
  return (Math.sqrt(dim) * total) / dim;
}
