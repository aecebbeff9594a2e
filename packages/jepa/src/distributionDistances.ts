import { tf } from '@unlabel/core';
import { logNormalCdf, normalCdf } from './normalDistribution';
import { orderStatistics } from './orderStatistics';
import { requireSamples } from './requireSamples';

/**
 * Cramér–von Mises distance from N(0, 1): the mean over i of [(2i − 1)/2n − Φ(x₍ᵢ₎)]², as in the code of LeJEPA. The
 * statistic of the textbooks is n times that, plus 1/12n.
 * @param samples `[..., samples, columns]`; each column is one sample of n numbers
 * @returns the distance of each column, `[..., columns]`, at most 1/3
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Cramér, Skandinavisk Aktuarietidskrift 1928, https://doi.org/10.1080/03461238.1928.10416862
 */
export function cramerVonMises(samples: tf.Tensor): tf.Tensor {
  requireSamples(samples);
  return tf.tidy(() => meanSquaredGap(normalCdf(orderStatistics(samples))));
}

/**
 * Watson's distance from N(0, 1): that of {@link cramerVonMises}, less (mean Φ(x) − ½)². It overlooks a shift of the Φ(x).
 * @param samples `[..., samples, columns]`
 * @returns the distance of each column, `[..., columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Watson, Biometrika 1961, https://doi.org/10.1093/biomet/48.1-2.109
 */
export function watson(samples: tf.Tensor): tf.Tensor {
  requireSamples(samples);
  return tf.tidy(() => {
    const u = normalCdf(orderStatistics(samples));
    return tf.sub(meanSquaredGap(u), tf.square(tf.sub(tf.mean(u, -1), 0.5)));
  });
}

export interface AndersonDarlingOptions {
  /** log Φ, element by element (default: exact in both tails). */ logCdf?: (x: tf.Tensor) => tf.Tensor;
}

/**
 * Anderson–Darling statistic, A² = −n − (1/n) Σᵢ (2i − 1) [log Φ(x₍ᵢ₎) + log(1 − Φ(x₍ₙ₊₁₋ᵢ₎))], which heeds the tails: a far
 * outlier pulls with a force in proportion to its distance. The code of LeJEPA differs beyond ±3, where it takes
 * φ(x)/√(0.344x² + 0.656|x| + 5.334) for Φ(−|x|); `logCdf` gives its value.
 * @param samples `[..., samples, columns]`
 * @returns A² of each column, `[..., columns]`
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Anderson & Darling, Annals of Mathematical Statistics 1952, https://doi.org/10.1214/aoms/1177729437
 */
export function andersonDarling(samples: tf.Tensor, options: AndersonDarlingOptions = {}): tf.Tensor {
  const { logCdf = logNormalCdf } = options;
  requireSamples(samples);
  const p = middles(samples.shape.at(-2) ?? 1); // A² = 2 Σᵢ KL(pᵢ ‖ Φ(x₍ᵢ₎)) + 2 Σᵢ H(pᵢ) − n, without loss of digits
  const least = p.reduce((sum, pi) => sum + 2 * binaryEntropy(pi) - 1, 0);
  return tf.tidy(() => tf.add(tf.mul(2, tf.sum(divergence(p, orderStatistics(samples), logCdf), -1)), least));
}

/** KL(pᵢ ‖ Φ(xᵢ)) between two events, of probabilities pᵢ and Φ(xᵢ). @param x `[..., p.length]` */
export function divergence(p: readonly number[], x: tf.Tensor, logCdf = logNormalCdf): tf.Tensor {
  const below = tf.mul([...p], tf.sub(p.map(logOrZero), logCdf(x)));
  const q = p.map((pi) => 1 - pi);
  return tf.add(below, tf.mul(q, tf.sub(q.map(logOrZero), logCdf(tf.neg(x)))));
}

/** H(p) = −p log p − (1 − p) log(1 − p), with 0 log 0 = 0. */
export function binaryEntropy(p: number): number {
  return -p * logOrZero(p) - (1 - p) * logOrZero(1 - p);
}

/** The mean of [(2i − 1)/2n − uᵢ]². @param u `[..., n]` */
function meanSquaredGap(u: tf.Tensor): tf.Tensor {
  return tf.mean(tf.square(tf.sub(middles(u.shape.at(-1) ?? 1), u)), -1);
}

/** (2i − 1)/2n: in the middle of the i-th of n equal parts of [0, 1]. */
function middles(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i + 0.5) / count);
}

function logOrZero(p: number): number {
  return p > 0 ? Math.log(p) : 0;
}
