import { UnlabelError } from '@unlabel/core';
import FFT from 'fft.js';
import { portable } from '../portable';
import { requireCount } from '../requireCount';
import { requireRange } from '../requireRange';
import type { FloatSeries, SeriesShape, SeriesTransform } from './seriesTransform';

/** How sound becomes log mel features. */
export interface LogMelOptions {
  /** Steps of the recording a second (default 16000). */ readonly rate?: number;
  /** Steps of a frame, under a Hann window (default 25 ms). */ readonly window?: number;
  /** Steps from frame to frame (default 10 ms). */ readonly hop?: number;
  /** Number of mel bands (default 64). */ readonly bands?: number;
  /** Lowest frequency of the bands, in Hz (default 60). */ readonly lowest?: number;
  /** Highest one, in Hz, at most half the rate (default 7800, or half the rate where that is less). */ readonly highest?: number;
}

const floor = 1e-10; // of a band's energy: silence is −23

/**
 * Log mel features: `[steps, 1]` becomes `[frames, bands]`, frames that lie within the recording as a whole, so
 * ⌊(steps − window) / hop⌋ + 1. A frame under a periodic Hann window, zero-padded to a power of two, gives |FFT|²; each band is a
 * sum of it under a triangle whose corners are evenly spaced in mel = 2595 log₁₀(1 + f / 700) and whose peak is 1; then the
 * natural logarithm, of 1e-10 at least. Defaults are those of COLA and of the audio features of VGGish.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Saeed, Grangier & Zeghidour, Contrastive learning of general-purpose audio representations (COLA), ICASSP 2021,
 * https://arxiv.org/abs/2010.10915
 */
export function logMel(options: LogMelOptions = {}): SeriesTransform<true> {
  const { rate = 16_000, bands = 64 } = options;
  const { window = Math.round(0.025 * rate), hop = Math.round(0.01 * rate) } = options;
  const { lowest = 60, highest = Math.min(7800, rate / 2) } = options;
  requireRange({ rate });
  requireRange({ frequencies: [lowest, highest] }, { least: 0, most: rate / 2 });
  requireCount({ window }, 2);
  requireCount({ hop, bands });
  const size = 2 ** Math.ceil(Math.log2(window));
  const hann = Float64Array.from({ length: window }, (_, step) => Math.sin((Math.PI * step) / window) ** 2);
  const triangles = melTriangles({ bins: size / 2 + 1, spacing: rate / size, bands, lowest, highest });
  const power = createPowerSpectrum(size, hann);
  return {
    name: 'logMel',
    shapeAfter: (shape) => framesOf(shape, window, hop, bands),
    draw: () => true,
    apply: (series) => {
      const { length: frames } = framesOf(series, window, hop, bands);
      const data = new Float32Array(frames * bands);
      for (let frame = 0; frame < frames; frame++) {
        const spectrum = power(series.data, frame * hop);
        for (const [band, { first, weights }] of triangles.entries()) {
          let energy = 0;
          for (const [index, weight] of weights.entries()) energy += weight * (spectrum[first + index] ?? 0);
          data[frame * bands + band] = Math.log(Math.max(energy, floor));
        }
      }
      return { data, length: frames, channels: bands } satisfies FloatSeries;
    },
    portable: portable('logMel', options),
  };
}

function framesOf({ length, channels }: SeriesShape, window: number, hop: number, bands: number): SeriesShape {
  if (channels !== 1 || length < window) {
    throw new UnlabelError('INVALID_OPTION', `logMel was given ${length} steps of ${channels} channels.`, {
      fix: `Give it one channel of ${window} steps or more.`,
    });
  }
  return { length: Math.floor((length - window) / hop) + 1, channels: bands };
}

/** |FFT|² of the windowed frame that begins at `start`, for frequencies from 0 to half the rate. */
function createPowerSpectrum(size: number, hann: Float64Array): (data: Float32Array, start: number) => Float64Array {
  const fft = new FFT(size);
  const frame = new Float64Array(size);
  const spectrum: number[] = fft.createComplexArray();
  const power = new Float64Array(size / 2 + 1);
  return (data, start) => {
    for (const [step, weight] of hann.entries()) frame[step] = weight * (data[start + step] ?? 0);
    fft.realTransform(spectrum, frame);
    for (let bin = 0; bin < power.length; bin++) {
      power[bin] = (spectrum[2 * bin] ?? 0) ** 2 + (spectrum[2 * bin + 1] ?? 0) ** 2;
    }
    return power;
  };
}

/** The bins that a band sums, from `first` on. */
interface Triangle {
  readonly first: number;
  readonly weights: readonly number[];
}

/** Triangles from one corner over the next, where they are 1, to the one after it. */
function melTriangles(bank: {
  readonly bins: number;
  /** Hz from bin to bin. */ readonly spacing: number;
  readonly bands: number;
  readonly lowest: number;
  readonly highest: number;
}): readonly Triangle[] {
  const { bins, spacing, bands, lowest, highest } = bank;
  const [low, high] = [melOf(lowest), melOf(highest)];
  const corner = (index: number) => hertzOf(low + ((high - low) * index) / (bands + 1));
  return Array.from({ length: bands }, (_, band) => {
    const [left, peak, right] = [corner(band), corner(band + 1), corner(band + 2)];
    const weightOf = (bin: number) =>
      Math.max(0, Math.min((bin * spacing - left) / (peak - left), (right - bin * spacing) / (right - peak)));
    const first = Math.min(bins, Math.ceil(left / spacing));
    const last = Math.min(bins - 1, Math.floor(right / spacing));
    return {
      first,
      weights: Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => weightOf(first + index)),
    };
  });
}

function melOf(hertz: number): number {
  return 2595 * Math.log10(1 + hertz / 700);
}

function hertzOf(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}
