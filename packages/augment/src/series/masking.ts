import type { RandomStream } from '@unlabel/core';
import { portable } from '../portable';
import { requireCount } from '../requireCount';
import { requireRange } from '../requireRange';
import type { FloatSeries, SeriesTransform } from './seriesTransform';

/** Runs of steps or channels that are hidden. */
export interface DrawnRuns {
  readonly runs: readonly { readonly start: number; readonly count: number }[];
}

/** Which steps are hidden. */
export interface TimeMaskOptions {
  /** m_T, number of masks; they may overlap (default 2). */ readonly count?: number;
  /** T, longest mask in steps (default 100). */ readonly width?: number;
  /** p, longest mask as a share of the length, above 0 to 1 (default 1). */ readonly share?: number;
}

/**
 * SpecAugment's time masks: t steps from t₀ on, t ~ U{0 … min(T, pτ)}, t₀ ~ U{0 … τ − t}. They are set to the mean of the
 * whole series, which is the paper's 0 where features have been standardised. Defaults: policy LD.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Park et al., SpecAugment, Interspeech 2019, section 2 and table 1, https://arxiv.org/abs/1904.08779
 */
export function timeMask(options: TimeMaskOptions = {}): SeriesTransform<DrawnRuns> {
  const { count = 2, width = 100, share = 1 } = options;
  requireCount({ count, width }, 0);
  requireRange({ share }, { most: 1 });
  return {
    name: 'timeMask',
    draw: (random, { length }) => drawRuns(random, count, Math.min(width, Math.floor(share * length)), length),
    apply: (series, { runs }) => {
      const { data, channels } = series;
      const mean = meanOf(series);
      for (const run of runs) data.fill(mean, run.start * channels, (run.start + run.count) * channels);
      return series;
    },
    portable: portable('timeMask', options),
  };
}

/** Which channels are hidden. */
export interface FrequencyMaskOptions {
  /** m_F, number of masks; they may overlap (default 2). */ readonly count?: number;
  /** F, widest mask in channels (default 27). */ readonly width?: number;
}

/**
 * SpecAugment's frequency masks: f channels from f₀ on, of features whose channels are frequencies, such as {@link logMel}:
 * f ~ U{0 … F}, f₀ ~ U{0 … ν − f}. They are set to the mean of the whole series. Defaults: policy LD.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Park et al., SpecAugment, Interspeech 2019, section 2 and table 1, https://arxiv.org/abs/1904.08779
 */
export function frequencyMask(options: FrequencyMaskOptions = {}): SeriesTransform<DrawnRuns> {
  const { count = 2, width = 27 } = options;
  requireCount({ count, width }, 0);
  return {
    name: 'frequencyMask',
    draw: (random, { channels }) => drawRuns(random, count, Math.min(width, channels), channels),
    apply: (series, { runs }) => {
      const { data, length, channels } = series;
      const mean = meanOf(series);
      for (const run of runs) {
        for (let step = 0; step < length; step++) {
          data.fill(mean, step * channels + run.start, step * channels + run.start + run.count);
        }
      }
      return series;
    },
    portable: portable('frequencyMask', options),
  };
}

/** Runs of 0 … widest places; those of 0 are left out. */
function drawRuns(random: RandomStream, count: number, widest: number, places: number): DrawnRuns | null {
  const runs = Array.from({ length: count }, () => {
    const width = random.integer(widest + 1);
    return { start: random.integer(places - width + 1), count: width };
  }).filter((run) => run.count > 0);
  return runs.length === 0 ? null : { runs };
}

function meanOf({ data }: FloatSeries): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}
