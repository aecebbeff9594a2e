import { tf, UnlabelError } from '@unlabel/core';
import { orderStatistics } from './orderStatistics';
import { requireSamples } from './requireSamples';

export interface VasicekOptions {
  /** m, over how many places a spacing reaches, from 1 to n − 1 (default √n, rounded). */ spacing?: number;
  /** Spacings x₍ᵢ₊ₘ₎ − x₍ᵢ₋ₘ₎ about each sample, cut at the ends (`'both'`, default), or x₍ᵢ₊ₘ₎ − x₍ᵢ₎ of the first n − m. */
  sides?: 'both' | 'right';
}

/** Added to spacings, whose logarithm equal samples would make infinite. */
const epsilon = 1e-12;

/**
 * Vasicek's test as a difference of entropies: what a normal distribution of the samples' variance has, ½ log 2πev, less the
 * estimate (1/n) Σᵢ log[(n/2m)(x₍ᵢ₊ₘ₎ − x₍ᵢ₋ₘ₎)] from spacings, with indices cut to 1 … n. It sees neither shift nor scale.
 * v is the unbiased variance.
 * @param samples `[..., samples, columns]`; each column is one sample of n ≥ 2 numbers
 * @returns the difference of each column, `[..., columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Vasicek, Journal of the Royal Statistical Society B 1976, https://doi.org/10.1111/j.2517-6161.1976.tb01566.x
 */
export function vasicek(samples: tf.Tensor, options: VasicekOptions = {}): tf.Tensor {
  requireSamples(samples, 2);
  const n = samples.shape.at(-2) ?? 2;
  const { spacing: m = Math.min(Math.round(Math.sqrt(n)), n - 1), sides = 'both' } = options;
  requireSpacing(m, n);
  const reach = sides === 'both' ? 2 * m : m;
  return tf.tidy(() => {
    const x = orderStatistics(samples);
    const variance = tf.mul(n / (n - 1), tf.moments(x, -1).variance);
    const normal = tf.mul(0.5, tf.log(tf.add(tf.mul(2 * Math.PI * Math.E, variance), epsilon)));
    const gaps = sides === 'both' ? gapsAbout(x, m) : gapsToTheRight(x, m);
    const estimate = tf.div(tf.sum(tf.log(tf.add(gaps, epsilon)), -1), n);
    return tf.sub(normal, tf.add(estimate, Math.log(n / reach)));
  });
}

/** x₍ᵢ₊ₘ₎ − x₍ᵢ₋ₘ₎ for i = 1 … n. */
function gapsAbout(x: tf.Tensor, m: number): tf.Tensor {
  const n = x.shape.at(-1) ?? 1;
  const places = Array.from({ length: n }, (_, i) => i);
  const above = places.map((i) => Math.min(i + m, n - 1));
  const below = places.map((i) => Math.max(i - m, 0));
  return tf.sub(at(x, above), at(x, below));
}

/** x₍ᵢ₊ₘ₎ − x₍ᵢ₎ for i = 1 … n − m. */
function gapsToTheRight(x: tf.Tensor, m: number): tf.Tensor {
  const below = Array.from({ length: (x.shape.at(-1) ?? 1) - m }, (_, i) => i);
  const above = below.map((i) => i + m);
  return tf.sub(at(x, above), at(x, below));
}

function at(x: tf.Tensor, places: readonly number[]): tf.Tensor {
  return tf.gather(x, tf.tensor1d([...places], 'int32'), x.shape.length - 1);
}

function requireSpacing(spacing: number, count: number): void {
  if (Number.isInteger(spacing) && spacing >= 1 && spacing < count) return;
  throw new UnlabelError('INVALID_OPTION', `spacing is ${spacing} for ${count} samples.`, {
    fix: `Give a whole number from 1 to ${count - 1}.`,
  });
}
