import { tf, UnlabelError } from '@unlabel/core';
import { requireSamples } from './requireSamples';

/** Under every variance that something is divided by, so that constant samples have finite gradients. */
const epsilon = 1e-12;

/**
 * Distance of mean μ and variance v from 0 and 1: nμ²/v + (n − 1)(v − 1)²/2, with the unbiased variance; both terms are of
 * order 1 for a normal sample. Higher moments are free.
 * @param samples `[..., samples, columns]`; each column is one sample of n numbers
 * @returns the distance of each column, `[..., columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 * @see Balestriero & LeCun 2025, https://arxiv.org/abs/2511.08544
 */
export function vcreg(samples: tf.Tensor): tf.Tensor {
  requireSamples(samples, 2);
  return tf.tidy(() => meanAndVarianceTerm(centred(samples)));
}

/**
 * Extended Jarque–Bera statistic: n/6 [s² + (k − 3)²/4] of skewness s and kurtosis k, plus {@link vcreg}'s terms of mean
 * and variance, which the original leaves out. s and k are central moments over powers of the unbiased variance.
 * @param samples `[..., samples, columns]`
 * @returns the statistic of each column, `[..., columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 * @see Jarque & Bera, Economics Letters 1980, https://doi.org/10.1016/0165-1765(80)90024-5
 */
export function jarqueBera(samples: tf.Tensor): tf.Tensor {
  requireSamples(samples, 2);
  return tf.tidy(() => {
    const all = centred(samples);
    const y = tf.mul(all.difference, tf.rsqrt(tf.add(all.variance, epsilon)));
    const cube = tf.mul(y, tf.square(y)); // tf.pow has no gradient below 0
    const skewness = tf.mean(cube, -2);
    const kurtosis = tf.mean(tf.mul(cube, y), -2);
    const shape = tf.add(tf.square(skewness), tf.div(tf.square(tf.sub(kurtosis, 3)), 4));
    return tf.add(tf.mul(all.count / 6, shape), meanAndVarianceTerm(all));
  });
}

export interface MomentsOptions {
  /** K, the highest moment that counts, a whole number ≥ 1 (default 4). */ highest?: number;
}

/**
 * Distance of the first K moments from those of N(0, 1), Σₖ (mean xᵏ − mₖ)²/(m₂ₖ − mₖ²): each difference in units of its
 * standard deviation times √n. Any K leaves other distributions than the normal one at 0.
 * @param samples `[..., samples, columns]`
 * @returns the distance of each column, `[..., columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Balestriero & LeCun 2025, https://arxiv.org/abs/2511.08544
 */
export function moments(samples: tf.Tensor, options: MomentsOptions = {}): tf.Tensor {
  const { highest = 4 } = options;
  requireSamples(samples);
  if (!(Number.isInteger(highest) && highest >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `highest is ${highest}.`, {
      fix: 'Give a whole number from 1, such as 4.',
    });
  }
  return tf.tidy(() => {
    let power = samples;
    let distance = tf.square(tf.mean(samples, -2)); // k = 1: m₁ = 0, m₂ = 1
    for (let k = 2; k <= highest; k++) {
      power = tf.mul(power, samples);
      const gap = tf.sub(tf.mean(power, -2), normalMoment(k));
      distance = tf.add(distance, tf.div(tf.square(gap), normalMoment(2 * k) - normalMoment(k) ** 2));
    }
    return distance;
  });
}

/** mₖ of N(0, 1): 0 for odd k, 1 · 3 · … · (k − 1) for even k. */
function normalMoment(k: number): number {
  if (k % 2 === 1) return 0;
  return k === 0 ? 1 : (k - 1) * normalMoment(k - 2);
}

interface Centred {
  /** n. */ readonly count: number;
  /** μ, `[..., 1, columns]`. */ readonly mean: tf.Tensor;
  /** x − μ. */ readonly difference: tf.Tensor;
  /** v, unbiased, `[..., 1, columns]`. */ readonly variance: tf.Tensor;
}

function centred(samples: tf.Tensor): Centred {
  const count = samples.shape.at(-2) ?? 2;
  const mean = tf.mean(samples, -2, true);
  const difference = tf.sub(samples, mean);
  return { count, mean, difference, variance: tf.div(tf.sum(tf.square(difference), -2, true), count - 1) };
}

function meanAndVarianceTerm({ count, mean, variance }: Centred): tf.Tensor {
  const location = tf.mul(count, tf.div(tf.square(mean), tf.add(variance, epsilon)));
  const scale = tf.mul((count - 1) / 2, tf.square(tf.sub(variance, 1)));
  return tf.squeeze(tf.add(location, scale), [-2]);
}
