import type { SeriesSample, ViewPipeline } from '@unlabel/core';
import { type LogMelOptions, logMel } from './logMel';
import { type DrawnSeries, seriesPipeline } from './seriesPipeline';

/** COLA's views. */
export interface ColaViewsOptions extends LogMelOptions {
  /** Steps of the crop (default 15600: 96 frames of 25 ms, 10 ms apart). */ readonly length?: number;
  /** Number of views (default 2). */ readonly views?: number;
}

/**
 * Two crops of a recording as log mels, float32 `[frames, bands]`, and no other augmentation. Channels become one.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SAMPLE_EMPTY`, `SHAPE_MISMATCH`
 * @see Saeed, Grangier & Zeghidour, Contrastive learning of general-purpose audio representations, ICASSP 2021,
 * https://arxiv.org/abs/2010.10915
 */
export function colaViews(options: ColaViewsOptions = {}): ViewPipeline<readonly DrawnSeries[], SeriesSample> {
  const { length = 15_600, views = 2, ...features } = options;
  const { rate = 16_000 } = features;
  return seriesPipeline({ mono: true, rate, views: [{ count: views, length, transforms: [logMel(features)] }] });
}
