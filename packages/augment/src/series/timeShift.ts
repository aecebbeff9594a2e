import { portable } from '../portable';
import { requireRange } from '../requireRange';
import type { SeriesTransform } from './seriesTransform';

/** How far a series moves. */
export interface TimeShiftOptions {
  /** Largest shift either way, as a share of the length, from 0 to 1 (default 0.1). */ readonly share?: number;
}

/** Moves a series in time by whole steps; what leaves at one end comes in at the other. @throws UnlabelError `INVALID_OPTION` */
export function timeShift(options: TimeShiftOptions = {}): SeriesTransform<{ readonly steps: number }> {
  const { share = 0.1 } = options;
  requireRange({ share }, { least: 0, most: 1 });
  return {
    name: 'timeShift',
    draw: (random, { length }) => {
      const most = Math.floor(share * length);
      const steps = random.integer(2 * most + 1) - most;
      return steps === 0 ? null : { steps };
    },
    apply: (series, { steps }) => {
      const { data, length, channels } = series;
      const by = (((steps % length) + length) % length) * channels;
      const tail = data.slice(data.length - by);
      data.copyWithin(by, 0);
      data.set(tail);
      return series;
    },
    portable: portable('timeShift', options),
  };
}
