import { portable } from '../portable';
import { requireRange } from '../requireRange';
import { requireSpan } from '../requireSpan';
import type { SeriesTransform } from './seriesTransform';

/** By how much channels grow. */
export interface MagnitudeScalingOptions {
  /** Mean of the factor (default 1). */ readonly mean?: number;
  /** σ, its standard deviation (default 0.1). */ readonly sigma?: number;
}

/**
 * Multiplies each channel by a normal number of its own.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Um et al., Data augmentation of wearable sensor data, ICMI 2017, https://arxiv.org/abs/1706.00527
 */
export function magnitudeScaling(
  options: MagnitudeScalingOptions = {},
): SeriesTransform<{ readonly factors: readonly number[] }> {
  const { mean = 1, sigma = 0.1 } = options;
  requireSpan({ mean: [mean, mean] });
  requireRange({ sigma }, { least: 0 });
  return {
    name: 'magnitudeScaling',
    draw: (random, { channels }) => ({
      factors: Array.from({ length: channels }, () => mean + sigma * random.normal()),
    }),
    apply: (series, { factors }) => {
      const { data, channels } = series;
      for (const [channel, factor] of factors.entries()) {
        for (let at = channel; at < data.length; at += channels) data[at] = (data[at] ?? 0) * factor;
      }
      return series;
    },
    portable: portable('magnitudeScaling', options),
  };
}
