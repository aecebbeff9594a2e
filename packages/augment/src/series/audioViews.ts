import type { SeriesSample, ViewPipeline } from '@unlabel/core';
import { gain } from './gain';
import { type LogMelOptions, logMel } from './logMel';
import { frequencyMask, timeMask } from './masking';
import { whiteNoise } from './noise';
import { polarityInversion } from './polarityInversion';
import { type DrawnSeries, seriesPipeline } from './seriesPipeline';
import type { SeriesTransform } from './seriesTransform';
import { standardisation } from './standardisation';

/** Views of recordings. */
export interface AudioViewsOptions {
  /** Steps a second of a view: recordings of another rate are resampled (default 16000). */ readonly rate?: number;
  /** Steps of the crop (default 16000, a second). */ readonly length?: number;
  /** Number of views (default 2). */ readonly views?: number;
  /** How many times as fast a view plays, drawn uniformly (default `[0.9, 1.1]`). */ readonly speed?: readonly [
    number,
    number,
  ];
  /** Decibels, drawn uniformly (default `[-6, 6]`). */ readonly gain?: readonly [number, number];
  /** Signal over noise in decibels, drawn uniformly, for half of the views (default `[10, 40]`). */ readonly snr?: readonly [
    number,
    number,
  ];
  /**
   * Features in place of the waveform (default none; `{}` for 64 bands): log mels, brought to mean 0 and variance 1, then with
   * two time masks and two frequency masks, SpecAugment's policy SS.
   */
  readonly logMel?: Omit<LogMelOptions, 'rate'>;
}

/**
 * Crops of a recording, faster or slower, louder or softer, inverted and with noise: waveforms, float32 `[length, 1]`, or
 * log mels, `[frames, bands]`. Channels become one, their mean.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SAMPLE_EMPTY`, `SHAPE_MISMATCH`
 * @see Ko et al., Audio augmentation for speech recognition, Interspeech 2015 (speed); Park et al., SpecAugment, Interspeech
 * 2019, https://arxiv.org/abs/1904.08779 (masks)
 */
export function audioViews(options: AudioViewsOptions = {}): ViewPipeline<readonly DrawnSeries[], SeriesSample> {
  const { rate = 16_000, length = 16_000, views = 2, speed = [0.9, 1.1] } = options;
  const { gain: decibels = [-6, 6], snr = [10, 40], logMel: features } = options;
  const transforms: SeriesTransform[] = [gain({ decibels }), whiteNoise({ snr }), polarityInversion()];
  if (features) {
    transforms.push(logMel({ ...features, rate }), standardisation({ over: 'all' }));
    transforms.push(timeMask({ width: 70, share: 0.2 }), frequencyMask({ width: 27 }));
  }
  return seriesPipeline({ mono: true, rate, views: [{ count: views, length, speed, transforms }] });
}
