import { analyticGradient, fusedOp, tf, UnlabelError } from '@unlabel/core';
import { requireSamples } from './requireSamples';

export interface EppsPulleyOptions {
  /** Points at which characteristic functions are compared, evenly spaced from 0 to `reach`, ≥ 2 (default 17). */ knots?: number;
  /** The largest of them, > 0 (default 3). */ reach?: number;
}

/**
 * Epps–Pulley statistic of normality, T = N ∫ |φ̂(t) − e^{−t²/2}|² e^{−t²/2} dt, with the empirical characteristic
 * function φ̂(t) = (1/N) Σₙ e^{itxₙ}. The integrand is even: the integral is twice that over [0, reach], by the
 * trapezoidal rule, as in the authors' code. Algorithm 1's 17 points on [−5, 5] are `{ knots: 9, reach: 5 }`.
 * @param samples `[..., samples, columns]`; each column is one sample of N numbers
 * @returns T of each column, `[..., columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Epps & Pulley, Biometrika 1983, https://doi.org/10.1093/biomet/70.3.723
 */
export function eppsPulley(samples: tf.Tensor, options: EppsPulleyOptions = {}): tf.Tensor {
  const { knots = 17, reach = 3 } = options;
  requireSamples(samples);
  requireIntegration(knots, reach);
  return fusedOp('eppsPulley', { samples }, { knots, reach }, (inputs) => composed(inputs.samples, knots, reach));
}

function composed(samples: tf.Tensor, knots: number, reach: number): tf.Tensor {
  const t = Array.from({ length: knots }, (_, knot) => (knot * reach) / (knots - 1));
  const normal = t.map((tj) => Math.exp((-tj * tj) / 2)); // characteristic function of N(0, 1), and the weight
  const step = reach / (knots - 1);
  const weights = normal.map((value, knot) => value * (knot === 0 || knot === knots - 1 ? step : 2 * step));
  return tf.tidy(() => distanceFromNormal(samples, t, normal, weights));
}

/**
 * N Σⱼ wⱼ |φ̂(tⱼ) − gⱼ|². With real and imaginary parts r + is = φ̂(tⱼ) − gⱼ, its gradient with respect to xₙ is
 * 2 Σⱼ wⱼ tⱼ (s cos tⱼxₙ − r sin tⱼxₙ), from the sines and cosines that the value needed anyway.
 */
function distanceFromNormal(x: tf.Tensor, t: number[], g: number[], weights: number[]): tf.Tensor {
  const axis = x.shape.length - 2;
  const slopes = weights.map((weight, knot) => 2 * weight * (t[knot] ?? 0));
  return analyticGradient(
    [x],
    () => {
      const angles = tf.mul(tf.expandDims(x, -1), t); // `[..., samples, columns, knots]`
      const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
      const real = tf.sub(tf.mean(cos, axis, true), g);
      const imaginary = tf.mean(sin, axis, true);
      const distance = tf.mul(tf.add(tf.square(real), tf.square(imaginary)), weights);
      const value = tf.mul(tf.sum(tf.squeeze(distance, [axis]), -1), x.shape[axis] ?? 0);
      return { value, saved: [cos, sin, real, imaginary] };
    },
    (dy, cos, sin, real, imaginary) => {
      const rising = tf.mul(cos, tf.mul(imaginary, slopes));
      const falling = tf.mul(sin, tf.mul(real, slopes));
      return [tf.mul(tf.sum(tf.sub(rising, falling), -1), tf.expandDims(dy, axis))];
    },
  );
}

function requireIntegration(knots: number, reach: number): void {
  if (Number.isInteger(knots) && knots >= 2 && reach > 0) return;
  throw new UnlabelError('INVALID_OPTION', `knots is ${knots} and reach ${reach}.`, {
    fix: 'Give two knots or more and a reach above 0, such as 17 and 3.',
  });
}
