import { UnlabelError } from './errors';
import type { tf } from './tf';

/**
 * Checks that views agree in shape and hold enough samples. Pass them by shorthand, `{ z0, z1 }`, so that the message names them.
 * @param views each `[batch, dim]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 */
export function requireViews(
  views: Readonly<Record<string, tf.Tensor2D>>,
  options: { /** Smallest batch (default 1). */ readonly minBatch?: number } = {},
): void {
  const { minBatch = 1 } = options;
  const [first, ...others] = Object.entries(views);
  if (!first) return;
  const [firstName, firstView] = first;
  if (firstView.shape.length !== 2) {
    throw new UnlabelError('SHAPE_MISMATCH', `${firstName} is [${firstView.shape}], but views are [batch, dim].`, {
      fix: 'Flatten or pool it first.',
    });
  }
  for (const [name, view] of others) {
    if (view.shape.length !== 2 || view.shape[0] !== firstView.shape[0] || view.shape[1] !== firstView.shape[1]) {
      throw new UnlabelError('SHAPE_MISMATCH', `${firstName} is [${firstView.shape}] but ${name} is [${view.shape}].`, {
        fix: 'Both views must hold the same samples and pass through the same projector.',
      });
    }
  }
  if (firstView.shape[0] < minBatch) {
    throw new UnlabelError(
      'BATCH_TOO_SMALL',
      `The batch holds ${firstView.shape[0]}, but this needs ${minBatch} or more.`,
      {
        fix: 'Raise the batch size or drop the last partial batch.',
      },
    );
  }
}

/**
 * Checks that options are above 0. Pass them by shorthand, `{ temperature }`, so that the message names them. A scalar
 * tensor passes: a step cannot look at it.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function requirePositive(options: Readonly<Record<string, number | tf.Scalar>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'number' || value > 0) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}.`, { fix: 'Give a number above 0.' });
  }
}
