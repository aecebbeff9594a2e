import type { ViewPipeline } from '@unlabel/core';
import { byolTransforms } from './byolViews';
import { type MultiCropOptions, randomCrops } from './multiCrop';
import type { Normalisation } from './normalise';
import { defaultStatistics } from './statistics';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** LeJEPA's augmentation. */
export interface LejepaViewsOptions {
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** The large views, which come first (default 2 of 224 pixels, `[0.3, 1]` of the area). */ readonly global?: MultiCropOptions;
  /** The small ones (default 6 of 98 pixels, `[0.05, 0.3]` of the area; `count: 0` for none). */ readonly local?: MultiCropOptions;
  /** Probability of blur (default 0.5). */ readonly blur?: number;
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Global and local crops, each mirrored, jittered (0.4, 0.4, 0.2, 0.1 with probability 0.8), made grey (0.2), blurred
 * (0.5) and solarized (0.2), independently of one another. Local views of 98 pixels are 7 × 7 patches of 14. The authors'
 * minimal example has four views of 128 pixels, `[0.08, 1]` of the area, and jitter twice as strong.
 * @see Balestriero & LeCun, LeJEPA, 2025, https://arxiv.org/abs/2511.08544; sizes, ranges and probabilities:
 *   https://github.com/rbalestr-lab/lejepa#data-augmentation-and-views
 */
export function lejepaViews(options: LejepaViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { channels = 3, global = {}, local = {}, blur = 0.5, normalise = defaultStatistics(channels) } = options;
  const crops = (kind: Required<MultiCropOptions>) =>
    randomCrops(kind, byolTransforms({ size: kind.size, blur, solarization: 0.2 }));
  return viewPipeline({
    channels,
    normalise,
    views: [
      crops({ count: 2, size: 224, scale: [0.3, 1], ...global }),
      crops({ count: 6, size: 98, scale: [0.05, 0.3], ...local }),
    ],
  });
}
