import { lossAndGradients, type RandomStream, randomStream, sizeOf, tf } from '@unlabel/core';

/** How a loss's gradient is compared with differences of its values. */
export interface GradientCheckOptions {
  /** Random directions tried for each input (default 4). */ readonly directions?: number;
  /** Length h of the step to both sides, relative to the input's root mean square (default 0.01). */ readonly step?: number;
  /** Allowed relative difference (default 0.01): central differences are exact to O(h²). */ readonly tolerance?: number;
  /** Seed of the directions (default 0). */ readonly seed?: number;
}

/** One directional derivative, by back-propagation and by differences. */
export interface GradientComparison {
  /** Which of the inputs, counted from 0. */ readonly input: number;
  readonly analytic: number;
  readonly numeric: number;
  /** Largest difference allowed, the rounding of float32 losses included. */ readonly allowed: number;
}

/**
 * Compares ⟨∇f, u⟩ with [f(x + hu) − f(x − hu)]/2h along random directions u of each input, in float32: a difference
 * may be as large as `tolerance` times the derivative plus the rounding of the two values, 2⁻²² |f|/h.
 * @param loss a function of the tensors in `inputs`, by position
 */
export function checkGradients<T extends tf.Tensor>(
  loss: (...inputs: T[]) => tf.Scalar,
  inputs: readonly T[],
  options: GradientCheckOptions = {},
): readonly GradientComparison[] {
  const { directions = 4, step = 0.01, tolerance = 0.01, seed = 0 } = options;
  const valueAt = (at: readonly T[]) => loss(...at).dataSync()[0] ?? Number.NaN;
  const { gradients } = lossAndGradients(
    () => ({ loss: loss(...inputs), extra: {} }),
    Object.fromEntries(inputs.entries()),
  );
  return inputs.flatMap((x, input) =>
    Array.from({ length: directions }, (_, direction) => {
      const u = unitDirection(x.shape, randomStream([seed, input, direction]));
      const h = step * Math.sqrt(sizeOf(x.shape)) * rootMeanSquare(x); // |u| = 1: moves each element by about step × rms
      const above = valueAt(inputs.with(input, tf.add<T>(x, tf.mul(u, h))));
      const below = valueAt(inputs.with(input, tf.sub<T>(x, tf.mul(u, h))));
      const analytic = tf.sum(tf.mul(gradients[input] ?? 0, u)).dataSync()[0] ?? Number.NaN;
      const numeric = (above - below) / (2 * h);
      const rounding = (2 ** -22 * Math.max(Math.abs(above), Math.abs(below))) / h;
      const allowed = tolerance * Math.max(Math.abs(analytic), Math.abs(numeric)) + rounding;
      return { input, analytic, numeric, allowed };
    }),
  );
}

/** For tests: {@link checkGradients} that throws when a derivative is not finite or off by more than allowed. */
export function expectGradients<T extends tf.Tensor>(
  loss: (...inputs: T[]) => tf.Scalar,
  inputs: readonly T[],
  options: GradientCheckOptions = {},
): void {
  for (const { input, analytic, numeric, allowed } of checkGradients(loss, inputs, options)) {
    if (Math.abs(analytic - numeric) <= allowed) continue; // false for NaN
    throw new Error(
      `Input ${input}: derivative ${analytic} by back-propagation, ${numeric} by differences, ±${allowed}.`,
    );
  }
}

/** A direction of length 1, uniform over the sphere. */
function unitDirection(shape: readonly number[], random: RandomStream): tf.Tensor {
  const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
  const length = Math.hypot(...values);
  return tf.tensor(
    values.map((value) => value / length),
    [...shape],
  );
}

function rootMeanSquare(x: tf.Tensor): number {
  return Math.sqrt(tf.mean(tf.square(x)).dataSync()[0] ?? 0) || 1;
}
