import { portable } from '../portable';
import { requireRange } from '../requireRange';
import { requireSpan } from '../requireSpan';
import type { SeriesTransform } from './seriesTransform';

/** How much louder or softer, and how often. */
export interface GainOptions {
  /** Decibels, drawn uniformly (default `[-6, 6]`): half to twice the amplitude. */ readonly decibels?: readonly [
    number,
    number,
  ];
  /** Probability (default 1). */ readonly probability?: number;
}

/** Multiplies by 10^(dB / 20). @throws UnlabelError `INVALID_OPTION` */
export function gain(options: GainOptions = {}): SeriesTransform<{ readonly decibels: number }> {
  const { decibels = [-6, 6], probability = 1 } = options;
  requireSpan({ decibels });
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'gain',
    draw: (random) => (random.uniform() < probability ? { decibels: random.uniform(...decibels) } : null),
    apply: (series, drawn) => {
      const factor = 10 ** (drawn.decibels / 20);
      for (let at = 0; at < series.data.length; at++) series.data[at] = (series.data[at] ?? 0) * factor;
      return series;
    },
    portable: portable('gain', options),
  };
}
