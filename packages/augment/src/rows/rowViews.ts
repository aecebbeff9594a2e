import type { RowSample, ViewPipeline } from '@unlabel/core';
import { type Normalisation, requireNormalisation } from '../normalise';
import { featureDropout } from './featureDropout';
import { rowNoise } from './rowNoise';
import { rowNormalisation } from './rowNormalisation';
import { type DrawnRow, rowPipeline } from './rowPipeline';
import type { RowTransform } from './rowTransform';

/** Views of rows for which nothing but the row itself is needed. */
export interface RowViewsOptions {
  /** Numbers in a row. */ readonly features: number;
  /** Number of views (default 2). */ readonly views?: number;
  /** σ of the noise, in the unit of the features (default 0.1; 0 for none). */ readonly noise?: number;
  /** Probability of each feature to become 0 (default 0.1; 0 for none). */ readonly dropout?: number;
  /** Subtracted and divided by, per feature, before all that (default mean 0, std 1). */ readonly normalise?: Normalisation;
}

/**
 * Rows with noise and with features missing, float32 `[features]` each; with `noise` and `dropout` 0, the rows as they are.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SHAPE_MISMATCH`
 */
export function rowViews(options: RowViewsOptions): ViewPipeline<readonly DrawnRow[], RowSample> {
  const { features, views = 2, noise = 0.1, dropout = 0.1, normalise } = options;
  if (normalise) requireNormalisation(normalise, features);
  const transforms: RowTransform[] = normalise ? [rowNormalisation(normalise)] : [];
  transforms.push(rowNoise({ sigma: noise }), featureDropout({ probability: dropout }));
  return rowPipeline({ features, views: [{ count: views, transforms }] });
}
