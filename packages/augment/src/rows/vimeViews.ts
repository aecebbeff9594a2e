import type { RowSample, ViewPipeline } from '@unlabel/core';
import { type Normalisation, requireNormalisation } from '../normalise';
import { portable } from '../portable';
import { floatTarget } from '../targets';
import { type DrawnCorruption, requireFeatures } from './corruption';
import { normaliseRow } from './rowNormalisation';
import { type VimeCorruptionOptions, vimeCorruption } from './vimeCorruption';

/** VIME's corrupted rows. */
export interface VimeViewsOptions extends VimeCorruptionOptions {
  /** Subtracted and divided by, per feature, at the end (default mean 0, std 1). */ readonly normalise?: Normalisation;
}

/**
 * Corrupted rows, and what an encoder is to tell of them; float32 `[features]` all: `views/0` with features replaced,
 * `targets/0` the row as it was, `masked/0` 1 where the two differ: a value that was replaced by its equal counts as kept,
 * as in the authors' code.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SHAPE_MISMATCH`
 * @see Yoon et al., VIME: extending the success of self- and semi-supervised learning to tabular domain, NeurIPS 2020,
 * https://proceedings.neurips.cc/paper/2020/hash/7d97667a3e056acab9aaf653807b4a03-Abstract.html
 */
export function vimeViews(options: VimeViewsOptions): ViewPipeline<DrawnCorruption, RowSample> {
  const { normalise, ...corruptionOptions } = options;
  const { features } = options.reference;
  const corruption = vimeCorruption(corruptionOptions);
  if (normalise) requireNormalisation(normalise, features);
  const spec = { shape: [features], dtype: 'float32' } as const;
  return {
    modality: 'rows',
    outputs: { 'views/0': spec, 'targets/0': spec, 'masked/0': spec },
    draw: (random, row) => corruption.draw(random, row) ?? { features: [], rows: [] },
    render: (row, drawn, targets) => {
      requireFeatures(row, { features });
      const [view, whole] = [floatTarget(targets, 'views/0'), floatTarget(targets, 'targets/0')];
      whole.set(row.data);
      view.set(row.data);
      corruption.apply(view, drawn);
      floatTarget(targets, 'masked/0').set(view.map((value, feature) => (value === whole[feature] ? 0 : 1)));
      if (!normalise) return;
      normaliseRow(view, normalise);
      normaliseRow(whole, normalise);
    },
    portable: portable('vimeViews', options),
  };
}
