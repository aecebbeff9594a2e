import type { RowSample, ViewPipeline } from '@unlabel/core';
import { type Normalisation, requireNormalisation } from '../normalise';
import { rowNormalisation } from './rowNormalisation';
import { type DrawnRow, rowPipeline } from './rowPipeline';
import type { RowTransform } from './rowTransform';
import { type ScarfCorruptionOptions, scarfCorruption } from './scarfCorruption';

/** SCARF's views. */
export interface ScarfViewsOptions extends ScarfCorruptionOptions {
  /** Subtracted and divided by, per feature, at the end (default mean 0, std 1). */ readonly normalise?: Normalisation;
}

/**
 * `views/0` the row as it is, `views/1` with 60 % of its features replaced; float32 `[features]`.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SHAPE_MISMATCH`
 * @see Bahri et al., SCARF, ICLR 2022, https://arxiv.org/abs/2106.15147
 */
export function scarfViews(options: ScarfViewsOptions): ViewPipeline<readonly DrawnRow[], RowSample> {
  const { normalise, ...corruption } = options;
  const { features } = options.reference;
  if (normalise) requireNormalisation(normalise, features);
  const last: RowTransform[] = normalise ? [rowNormalisation(normalise)] : [];
  const views = [{ transforms: last }, { transforms: [scarfCorruption(corruption), ...last] }];
  return rowPipeline({ features, views });
}
