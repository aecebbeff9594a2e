import { tf, UnlabelError } from '@unlabel/core';
import { type EppsPulleyOptions, eppsPulley } from './eppsPulley';
import { testOf, type UnivariateTest, type UnivariateTestName, univariateTests } from './normalityTests';

export interface SigregOptions extends EppsPulleyOptions {
  /** T, the test of each slice: a name, or a function of your own (default `'epps-pulley'`, which alone reads `knots` and `reach`). */
  test?: UnivariateTest | UnivariateTestName;
}

/**
 * SIGReg, Algorithm 1: the mean over slices a of T(z·a), smallest when z is distributed as N(0, I).
 * @param z embeddings, `[batch, dim]`, or `[views, batch, dim]` for the mean over views, each of which is tested alone
 * @param slices directions in which to test, `[dim, slices]`, of any lengths but 0: drawn anew for every step from N(0, 1)
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`, and what the test throws
 * @see Balestriero & LeCun 2025, https://arxiv.org/abs/2511.08544
 */
export function sigreg(z: tf.Tensor, slices: tf.Tensor2D, options: SigregOptions = {}): tf.Scalar {
  return tf.tidy(() => tf.mean(sliceStatistics(z, slices, options)));
}

/** What {@link sigreg} averages, of the same arguments: T(z·a) of each slice, `[slices]` or `[views, slices]`. */
export function sliceStatistics(z: tf.Tensor, slices: tf.Tensor2D, options: SigregOptions = {}): tf.Tensor {
  const { test = 'epps-pulley' } = options;
  requireSlices(z, slices);
  const statistic =
    test === 'epps-pulley' ? (samples: tf.Tensor) => eppsPulley(samples, options) : testOf(test, univariateTests);
  return tf.tidy(() => {
    const directions = tf.div(slices, tf.norm(slices, 2, 0, true));
    const rows = tf.reshape(z, [-1, slices.shape[0]]);
    return statistic(tf.reshape(tf.matMul(rows, directions), [...z.shape.slice(0, -1), slices.shape[1]]));
  });
}

function requireSlices(z: tf.Tensor, slices: tf.Tensor2D): void {
  if (slices.shape.length === 2 && z.shape.length >= 2 && z.shape.at(-1) === slices.shape[0]) return;
  throw new UnlabelError('SHAPE_MISMATCH', `z is [${z.shape}] but slices are [${slices.shape}].`, {
    fix: 'z must be [batch, dim] or [views, batch, dim] and slices [dim, slices].',
  });
}
