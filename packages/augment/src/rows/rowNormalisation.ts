import { type Normalisation, requireNormalisation } from '../normalise';
import { portable } from '../portable';
import type { RowTransform } from './rowTransform';

/** (v − mean) / std per feature; nothing is random about it. @throws UnlabelError `INVALID_OPTION` */
export function rowNormalisation(options: Normalisation): RowTransform<true> {
  requireNormalisation(options, options.mean.length);
  return {
    name: 'rowNormalisation',
    draw: () => true,
    apply: (row) => normaliseRow(row, options),
    portable: portable('rowNormalisation', options),
  };
}

/** The same, in place. */
export function normaliseRow(row: Float32Array, { mean, std }: Normalisation): void {
  for (const [feature, value] of row.entries()) row[feature] = (value - (mean[feature] ?? 0)) / (std[feature] ?? 1);
}
