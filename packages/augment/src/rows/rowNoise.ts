import { portable } from '../portable';
import { requireRange } from '../requireRange';
import { addNormal, drawSeed } from '../series/noise';
import type { RowTransform } from './rowTransform';

/** How far features move. */
export interface RowNoiseOptions {
  /** σ, standard deviation, in the unit of the features (default 0.1). */ readonly sigma?: number;
}

/** Adds normal noise to every feature, from the `seed` that is drawn. @throws UnlabelError `INVALID_OPTION` */
export function rowNoise(options: RowNoiseOptions = {}): RowTransform<{ readonly seed: number }> {
  const { sigma = 0.1 } = options;
  requireRange({ sigma }, { least: 0 });
  return {
    name: 'rowNoise',
    draw: (random) => (sigma === 0 ? null : { seed: drawSeed(random) }),
    apply: (row, { seed }) => addNormal(row, sigma, seed),
    portable: portable('rowNoise', options),
  };
}
