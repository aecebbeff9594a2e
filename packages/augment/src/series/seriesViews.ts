import type { SeriesSample, ViewPipeline } from '@unlabel/core';
import { magnitudeScaling } from './magnitudeScaling';
import { jitter } from './noise';
import { segmentPermutation } from './segmentPermutation';
import { type DrawnSeries, seriesPipeline } from './seriesPipeline';
import type { SeriesTransform } from './seriesTransform';
import { standardisation } from './standardisation';

/** A weak and a strong view of a time series. */
export interface SeriesViewsOptions {
  /** Steps of the crop (default 128). */ readonly length?: number;
  /** Values at each step (default 1). */ readonly channels?: number;
  /** Whether each channel of a crop is first brought to mean 0 and variance 1, the unit of σ below (default true). */ readonly standardise?: boolean;
  /** Mean and σ of the factor of each channel in the weak view (default 2 and 1.1). */ readonly scaling?: {
    readonly mean?: number;
    readonly sigma?: number;
  };
  /** σ of the noise in the strong view (default 0.8). */ readonly jitter?: number;
  /** M, most segments that the strong view is cut into (default 8). */ readonly segments?: number;
}

/**
 * TS-TCC: `views/0` is weak, its channels scaled; `views/1` strong, its segments permuted and noise added; float32
 * `[length, channels]`. Defaults are those of the authors' code for HAR, where the paper's weak view has no noise either, and
 * a factor is drawn for each step; here for each channel, as Um et al. do.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SAMPLE_EMPTY`, `SHAPE_MISMATCH`
 * @see Eldele et al., Time-series representation learning via temporal and contextual contrasting, IJCAI 2021,
 * https://arxiv.org/abs/2106.14112
 */
export function seriesViews(options: SeriesViewsOptions = {}): ViewPipeline<readonly DrawnSeries[], SeriesSample> {
  const { length = 128, channels = 1, standardise = true, scaling = {}, segments = 8 } = options;
  const { mean = 2, sigma = 1.1 } = scaling;
  const first: SeriesTransform[] = standardise ? [standardisation()] : [];
  const weak = [...first, magnitudeScaling({ mean, sigma })];
  const strong = [...first, segmentPermutation({ segments }), jitter({ sigma: options.jitter ?? 0.8 })];
  return seriesPipeline({
    channels,
    views: [
      { length, transforms: weak },
      { length, transforms: strong },
    ],
  });
}
