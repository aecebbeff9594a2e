import { portable } from '../portable';
import type { SeriesTransform } from './seriesTransform';

/** What is brought to mean 0 and variance 1. */
export interface StandardisationOptions {
  /** Each channel by itself, or all values together (default `'channel'`). */ readonly over?: 'channel' | 'all';
}

const epsilon = 1e-7; // added to the variance, which may be as small in quiet recordings; what is constant becomes 0

/** Brings a view to mean 0 and variance 1; nothing is random about it. */
export function standardisation(options: StandardisationOptions = {}): SeriesTransform<true> {
  const { over = 'channel' } = options;
  return {
    name: 'standardisation',
    draw: () => true,
    apply: (series) => {
      if (over === 'all') standardiseEvery(series.data, 0, 1);
      else for (let first = 0; first < series.channels; first++) standardiseEvery(series.data, first, series.channels);
      return series;
    },
    portable: portable('standardisation', options),
  };
}

/** Standardises the values at `first`, `first + stride`, … in place. */
function standardiseEvery(data: Float32Array, first: number, stride: number): void {
  const count = data.length / stride;
  let mean = 0;
  for (let at = first; at < data.length; at += stride) mean += (data[at] ?? 0) / count;
  let variance = 0;
  for (let at = first; at < data.length; at += stride) variance += ((data[at] ?? 0) - mean) ** 2 / count;
  const scale = 1 / Math.sqrt(variance + epsilon);
  for (let at = first; at < data.length; at += stride) data[at] = ((data[at] ?? 0) - mean) * scale;
}
