import { UnlabelError } from '@unlabel/core';
import type { Features } from './features';
import { covarianceSpectrum } from './spectrum';

export interface AlphaReqOptions {
  /** First and last rank of the fit, counted from 1, at least two ranks (default 4 to 100; ranks without variance are left out). */
  readonly ranks?: readonly [number, number];
}

/**
 * α-ReQ: the exponent α of the power law λₖ ∝ k^−α that the principal variances follow, fitted to logarithms with weights
 * 1/k. Near 1 is best by the paper; far above it, few directions carry everything, far below, noise does. Defaults are
 * those of the authors' code, which takes Stringer's weighted fit.
 * @param data at least two rows; its labels, if any, are not looked at
 * @throws UnlabelError `INVALID_OPTION`, `FEATURES_DEGENERATE` where fewer than two of the ranks have variance, and
 * `BATCH_TOO_SMALL`, `DATASET_EMPTY`, `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 * @see Agrawal et al., α-ReQ: Assessing Representation Quality in Self-Supervised Learning by Measuring Eigenspectrum Decay, NeurIPS 2022
 */
export function alphaReq(data: Features, options: AlphaReqOptions = {}): number {
  const { ranks = [4, 100] } = options;
  requireRanks(ranks);
  const alpha = spectrumDecay(covarianceSpectrum(data).eigenvalues, ranks);
  if (alpha !== undefined) return alpha;
  throw new UnlabelError(
    'FEATURES_DEGENERATE',
    `Features [${data.count}, ${data.dim}] have variance along fewer than two of the ranks ${ranks.join(' to ')}.`,
    { fix: 'Measure more samples or earlier ranks; features that have collapsed have no power law.' },
  );
}

/** α over the ranks that have variance; `undefined` where these are fewer than two. */
export function spectrumDecay(
  eigenvalues: Float64Array,
  [first, last]: readonly [number, number] = [4, 100],
): number | undefined {
  const used = eigenvalues.subarray(first - 1, last).filter((value) => value > 0);
  if (used.length < 2) return undefined;
  const points = Array.from(used, (value, at) => ({
    x: Math.log(first + at),
    y: Math.log(value),
    w: 1 / (first + at),
  }));
  const sum = (of: (point: (typeof points)[number]) => number) => points.reduce((total, point) => total + of(point), 0);
  const weight = sum(({ w }) => w);
  const [meanX, meanY] = [sum(({ w, x }) => w * x) / weight, sum(({ w, y }) => w * y) / weight];
  return -sum(({ w, x, y }) => w * (x - meanX) * (y - meanY)) / sum(({ w, x }) => w * (x - meanX) ** 2);
}

function requireRanks([first, last]: readonly [number, number]): void {
  if (Number.isInteger(first) && Number.isInteger(last) && first >= 1 && last > first) return;
  throw new UnlabelError('INVALID_OPTION', `ranks are ${first} to ${last}.`, {
    fix: 'Give two whole numbers from 1, the smaller first.',
  });
}
