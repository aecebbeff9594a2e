import { portable } from '../portable';
import { requireRange } from '../requireRange';
import { type DrawnCorruption, replaceFeatures, requireFeatures } from './corruption';
import { type RowTable, requireTable } from './rowTable';
import type { RowTransform } from './rowTransform';

/** What replaces features how often. */
export interface VimeCorruptionOptions {
  /** Rows whose values replace those of others. */ readonly reference: RowTable;
  /** p_m, probability of each feature to be replaced, from 0 to 1 (default 0.3). */ readonly probability?: number;
}

/**
 * x̃ = m ⊙ x̄ + (1 − m) ⊙ x, eq. 3, with m ~ Bernoulli(p_m) and x̄ from the marginals: each feature's value in a random row.
 * @throws UnlabelError `INVALID_OPTION`; while drawing `SHAPE_MISMATCH` for a row of another length
 * @see Yoon et al., VIME, NeurIPS 2020, section 4.1
 */
export function vimeCorruption(options: VimeCorruptionOptions): RowTransform<DrawnCorruption> {
  const { reference, probability = 0.3 } = options;
  const rows = requireTable(reference);
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'vimeCorruption',
    draw: (random, row) => {
      requireFeatures(row, reference);
      const all = Array.from({ length: reference.features }, (_, feature) => feature);
      const features = all.filter(() => random.uniform() < probability);
      return { features, rows: features.map(() => random.integer(rows)) };
    },
    apply: (row, drawn) => replaceFeatures(row, drawn, reference),
    portable: portable('vimeCorruption', options),
  };
}
