import type { SeriesSample } from '@unlabel/core';
import type { FloatSeries } from './seriesTransform';

/** A part of a series in steps; it may reach beyond either end, where there is silence. */
export interface Extent {
  /** First step, whole. */ readonly start: number;
  /** Steps of the source that a view shows; other than the view's length, it is resampled. */ readonly length: number;
}

const zeroCrossings = 6; // of the sinc on either side
const rolloff = 0.99; // of the Nyquist frequency, for the window's width
const resolution = 512; // entries of the table between two zero crossings

/**
 * Writes a part of a series into another of any length, by interpolation with a windowed sinc (six zero crossings, Hann):
 * what the slower of the two rates cannot hold is filtered out, as by torchaudio's `resample`.
 */
export function createSeriesResample(): (source: SeriesSample, extent: Extent, target: FloatSeries) => void {
  let table: Float64Array | undefined;
  return (source, extent, target) => {
    if (extent.length === target.length) {
      copy(source, extent.start, target);
      return;
    }
    table ??= windowedSinc();
    interpolate(source, extent, target, table);
  };
}

function copy(source: SeriesSample, start: number, { data, length, channels }: FloatSeries): void {
  const [from, to] = [Math.max(0, start), Math.min(source.length, start + length)];
  data.fill(0);
  if (from < to) data.set(source.data.subarray(from * channels, to * channels), (from - start) * channels);
}

function interpolate(source: SeriesSample, extent: Extent, target: FloatSeries, table: Float64Array): void {
  const { data, length, channels } = target;
  const ratio = extent.length / length;
  const cutoff = rolloff * Math.min(1, 1 / ratio);
  const reach = zeroCrossings / cutoff;
  const weights = new Float64Array(Math.ceil(2 * reach) + 1);
  for (let step = 0; step < length; step++) {
    const position = extent.start + step * ratio;
    const first = Math.ceil(position - reach);
    const count = Math.floor(position + reach) - first + 1;
    const total = weigh(weights.subarray(0, count), (first - position) * cutoff, cutoff, table);
    const [from, to] = [Math.max(0, -first), Math.min(count, source.length - first)];
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let tap = from; tap < to; tap++) {
        sum += (weights[tap] ?? 0) * (source.data[(first + tap) * channels + channel] ?? 0);
      }
      data[step * channels + channel] = sum / total; // a constant stays what it is
    }
  }
}

/** Weights of the steps at x, x + cutoff, … by linear interpolation in the table. @returns their sum */
function weigh(weights: Float64Array, x: number, cutoff: number, table: Float64Array): number {
  let total = 0;
  for (let tap = 0; tap < weights.length; tap++) {
    const place = Math.min(Math.abs(x + tap * cutoff), zeroCrossings) * resolution;
    const index = Math.floor(place);
    const low = table[index] ?? 0;
    const weight = low + (place - index) * ((table[index + 1] ?? 0) - low);
    weights[tap] = weight;
    total += weight;
  }
  return total;
}

/** sin(πx) / πx · cos²(πx / 2·6) for x from 0 to 6. */
function windowedSinc(): Float64Array {
  return Float64Array.from({ length: zeroCrossings * resolution + 2 }, (_, index) => {
    const x = index / resolution;
    if (x === 0) return 1;
    if (x >= zeroCrossings) return 0;
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * Math.cos((Math.PI * x) / (2 * zeroCrossings)) ** 2;
  });
}
