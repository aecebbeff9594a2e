import { portable } from '../portable';
import { requireRange } from '../requireRange';
import { type DrawnCorruption, replaceFeatures, requireFeatures } from './corruption';
import { type RowTable, requireTable } from './rowTable';
import type { RowTransform } from './rowTransform';

/** What replaces how many features. */
export interface ScarfCorruptionOptions {
  /** Rows whose values replace those of others. */ readonly reference: RowTable;
  /** c, share of the features that are replaced, from 0 to 1 (default 0.6). */ readonly share?: number;
}

/**
 * Replaces ⌊c · features⌋ random features, each by its value in a random row of the reference.
 * @throws UnlabelError `INVALID_OPTION`; while drawing `SHAPE_MISMATCH` for a row of another length
 * @see Bahri et al., SCARF, ICLR 2022, algorithm 1, https://arxiv.org/abs/2106.15147
 */
export function scarfCorruption(options: ScarfCorruptionOptions): RowTransform<DrawnCorruption> {
  const { reference, share = 0.6 } = options;
  const rows = requireTable(reference);
  requireRange({ share }, { least: 0, most: 1 });
  const count = Math.floor(share * reference.features + 1e-9); // 0.6 · 5 is 3, though not in floating point
  return {
    name: 'scarfCorruption',
    draw: (random, row) => {
      requireFeatures(row, reference);
      const features = [...random.permutation(reference.features).subarray(0, count)].sort((a, b) => a - b);
      return { features, rows: features.map(() => random.integer(rows)) };
    },
    apply: (row, drawn) => replaceFeatures(row, drawn, reference),
    portable: portable('scarfCorruption', options),
  };
}
