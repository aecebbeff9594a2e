import { type RandomStream, randomStream } from '@unlabel/core';
import { portable } from '../portable';
import { requireRange } from '../requireRange';
import { requireSpan } from '../requireSpan';
import type { SeriesTransform } from './seriesTransform';

/** How loud noise is, against the signal, and how often there is any. */
export interface WhiteNoiseOptions {
  /** Signal over noise in decibels, drawn uniformly (default `[10, 40]`). */ readonly snr?: readonly [number, number];
  /** Probability (default 0.5). */ readonly probability?: number;
}

/**
 * Adds normal noise whose power is that of the view less `snr` decibels; silence stays silent. The noise itself comes from
 * the `seed` that is drawn.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function whiteNoise(
  options: WhiteNoiseOptions = {},
): SeriesTransform<{ readonly snr: number; readonly seed: number }> {
  const { snr = [10, 40], probability = 0.5 } = options;
  requireSpan({ snr });
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'whiteNoise',
    draw: (random) => (random.uniform() < probability ? { snr: random.uniform(...snr), seed: drawSeed(random) } : null),
    apply: (series, drawn) => {
      const power = series.data.reduce((sum, value) => sum + value * value, 0) / series.data.length;
      addNormal(series.data, Math.sqrt(power / 10 ** (drawn.snr / 10)), drawn.seed);
      return series;
    },
    portable: portable('whiteNoise', options),
  };
}

/** How far values move, and how often. */
export interface JitterOptions {
  /** σ, standard deviation of the noise, in the unit of the values (default 0.05). */ readonly sigma?: number;
  /** Probability (default 1). */ readonly probability?: number;
}

/**
 * Adds normal noise of one σ to every value, as sensors do.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Um et al., Data augmentation of wearable sensor data, ICMI 2017, https://arxiv.org/abs/1706.00527
 */
export function jitter(options: JitterOptions = {}): SeriesTransform<{ readonly seed: number }> {
  const { sigma = 0.05, probability = 1 } = options;
  requireRange({ sigma }, { least: 0 });
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'jitter',
    draw: (random) => (random.uniform() < probability ? { seed: drawSeed(random) } : null),
    apply: (series, { seed }) => {
      addNormal(series.data, sigma, seed);
      return series;
    },
    portable: portable('jitter', options),
  };
}

/** Names a stream of its own, so that thousands of values need not be kept among the parameters. */
export function drawSeed(random: RandomStream): number {
  return random.integer(2 ** 32);
}

/** Adds σ times normal numbers to `values`, in place. */
export function addNormal(values: Float32Array, sigma: number, seed: number): void {
  const { normal } = randomStream([seed]);
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) + sigma * normal();
}
