import { type tf, UnlabelError } from '@unlabel/core';

/**
 * Checks that there are samples to test, and enough of them.
 * @param samples `[..., samples, columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 */
export function requireSamples(samples: tf.Tensor, least = 1): void {
  if (samples.shape.length < 2) {
    throw new UnlabelError('SHAPE_MISMATCH', `samples are [${samples.shape}], but need [samples, columns].`, {
      fix: 'Reshape one sample of n numbers to [n, 1].',
    });
  }
  const count = samples.shape.at(-2) ?? 0;
  if (count < least) {
    throw new UnlabelError('BATCH_TOO_SMALL', `There are ${count} samples, but this needs ${least} or more.`, {
      fix: 'Raise the batch size.',
    });
  }
}
