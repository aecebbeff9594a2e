import { tf } from '@unlabel/core';
import { binaryEntropy, divergence } from './distributionDistances';
import { orderStatistics } from './orderStatistics';
import { requireSamples } from './requireSamples';

/**
 * Negative log-likelihood of the order statistics, averaged over i: if n numbers are drawn from N(0, 1), the i-th smallest
 * has the density n!/((i − 1)!(n − i)!) Φ(x)^{i−1} [1 − Φ(x)]^{n−i} φ(x).
 * @param samples `[..., samples, columns]`; each column is one sample of n numbers
 * @returns the mean of each column, `[..., columns]`; may be negative
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see David & Nagaraja, Order Statistics, 2003, eq. 2.1.6, https://doi.org/10.1002/0471722162
 */
export function orderLikelihood(samples: tf.Tensor): tf.Tensor {
  requireSamples(samples);
  const n = samples.shape.at(-2) ?? 1;
  // (i − 1) log Φ + (n − i) log(1 − Φ) = −(n − 1)[KL(pᵢ ‖ Φ) + H(pᵢ)], so that sums as large as n cancel here, in doubles
  const p = Array.from({ length: n }, (_, i) => (n === 1 ? 0 : i / (n - 1)));
  const least = p.map((pi, i) => (n - 1) * binaryEntropy(pi) - logBinomial(n - 1, i) - Math.log(n));
  const constant = least.reduce((sum, value) => sum + value, 0) / n + Math.log(2 * Math.PI) / 2;
  return tf.tidy(() => {
    const x = orderStatistics(samples);
    const ranks = tf.mul(n - 1, tf.mean(divergence(p, x), -1));
    return tf.add(ranks, tf.add(tf.mul(0.5, tf.mean(tf.square(x), -1)), constant)); // −log φ(x) = x²/2 + log √2π
  });
}

function logBinomial(n: number, k: number): number {
  return Array.from({ length: k }, (_, i) => Math.log((n - i) / (i + 1))).reduce((sum, value) => sum + value, 0);
}
