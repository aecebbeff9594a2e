import { portable } from '../portable';
import { requireRange } from '../requireRange';
import type { RowTransform } from './rowTransform';

/** How often features are missing. */
export interface FeatureDropoutOptions {
  /** Probability of each feature, from 0 to 1 (default 0.1). */ readonly probability?: number;
  /** What stands for a missing one (default 0, the mean of standardised features). */ readonly value?: number;
}

/** Takes features away at random. @throws UnlabelError `INVALID_OPTION` */
export function featureDropout(
  options: FeatureDropoutOptions = {},
): RowTransform<{ readonly features: readonly number[] }> {
  const { probability = 0.1, value = 0 } = options;
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'featureDropout',
    draw: (random, { data }) => {
      const features = Array.from(data, (_, feature) => feature).filter(() => random.uniform() < probability);
      return features.length === 0 ? null : { features };
    },
    apply: (row, { features }) => {
      for (const feature of features) row[feature] = value;
    },
    portable: portable('featureDropout', options),
  };
}
