import { type Normalisation, normaliseInPlace, requireNormalisation } from '../normalise';
import { portable } from '../portable';
import type { RowTransform } from './rowTransform';

/** (v − mean) / std per feature; nothing is random about it. @throws UnlabelError `INVALID_OPTION` */
export function rowNormalisation(options: Normalisation): RowTransform<true> {
  requireNormalisation(options, options.mean.length);
  return {
    name: 'rowNormalisation',
    draw: () => true,
    apply: (row) => normaliseInPlace(row, options),
    portable: portable('rowNormalisation', options),
  };
}
