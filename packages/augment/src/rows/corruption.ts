import { type RowSample, UnlabelError } from '@unlabel/core';
import type { RowTable } from './rowTable';

/** Which features are replaced, in order, and by which row of the reference each. */
export interface DrawnCorruption {
  readonly features: readonly number[];
  readonly rows: readonly number[];
}

/** Takes each feature that was drawn from the row that was drawn for it. */
export function replaceFeatures(
  row: Float32Array,
  { features, rows }: DrawnCorruption,
  { data, features: count }: RowTable,
): void {
  for (const [index, feature] of features.entries()) row[feature] = data[(rows[index] ?? 0) * count + feature] ?? 0;
}

/** @throws UnlabelError `SHAPE_MISMATCH` unless the row is as long as those of the reference */
export function requireFeatures({ data }: RowSample, { features }: Pick<RowTable, 'features'>): void {
  if (data.length === features) return;
  throw new UnlabelError('SHAPE_MISMATCH', `A row has ${data.length} numbers, not ${features}.`, {
    fix: 'Give the pipeline as many features as the table has.',
  });
}
