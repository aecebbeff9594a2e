import { portable } from '../portable';
import { requireRange } from '../requireRange';
import type { SeriesTransform } from './seriesTransform';

/** How often a series is turned over. */
export interface PolarityInversionOptions {
  /** Probability (default 0.5). */ readonly probability?: number;
}

/** Multiplies by −1, which ears do not notice. @throws UnlabelError `INVALID_OPTION` */
export function polarityInversion(options: PolarityInversionOptions = {}): SeriesTransform<true> {
  const { probability = 0.5 } = options;
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'polarityInversion',
    draw: (random) => (random.uniform() < probability ? true : null),
    apply: (series) => {
      for (let at = 0; at < series.data.length; at++) series.data[at] = -(series.data[at] ?? 0);
      return series;
    },
    portable: portable('polarityInversion', options),
  };
}
