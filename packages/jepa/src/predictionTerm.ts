import { tf, UnlabelError } from '@unlabel/core';

/**
 * ‖z_v − z̄‖², averaged over views v, samples and dimensions: each view pays its distance from the mean of the global ones.
 * @param z `[views, batch, dim]`, the `globalViews` global ones first
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 */
export function predictionTerm(z: tf.Tensor3D, globalViews: number): tf.Scalar {
  requireGlobalViews(z, globalViews);
  const centre = tf.mean(tf.slice3d(z, [0, 0, 0], [globalViews, -1, -1]), 0, true);
  return tf.mean(tf.square(tf.sub(z, centre)));
}

function requireGlobalViews(z: tf.Tensor3D, globalViews: number): void {
  if (z.shape.length !== 3) {
    throw new UnlabelError('SHAPE_MISMATCH', `z is [${z.shape}], but needs [views, batch, dim].`, {
      fix: 'Stack the projections of all views.',
    });
  }
  if (!Number.isInteger(globalViews) || globalViews < 1 || globalViews > z.shape[0]) {
    throw new UnlabelError('INVALID_OPTION', `globalViews is ${globalViews}, but there are ${z.shape[0]} views.`, {
      fix: 'Give how many of the views, from the first, are global: 1 or more, and at most all.',
    });
  }
}
