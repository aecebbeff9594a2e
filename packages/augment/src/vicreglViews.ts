import type { ViewPipeline } from '@unlabel/core';
import { byolTransforms } from './byolViews';
import { type MultiCropOptions, randomCrops } from './multiCrop';
import type { Normalisation } from './normalise';
import { defaultStatistics } from './statistics';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** VICRegL's augmentation. */
export interface VicreglViewsOptions {
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** The large views, which come first (default 2 of 224 pixels, `[0.4, 1]` of the area; `[0.08, 1]` of ResNet-50). */
  readonly global?: MultiCropOptions;
  /** The small ones (default 6 of 96 pixels, `[0.08, 0.4]` of the area; `count: 0` for none, as of ResNet-50). */
  readonly local?: MultiCropOptions;
  /** Probability of blur of every other view, from the first, and of those between (default `[1, 0.1]`). */
  readonly blur?: readonly [number, number];
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Multi-crop views with BYOL's changes, of the first and the second view in turns, and where each lies in the image:
 * `locations/0`, `locations/1`, …, which VICRegL matches tokens by. The authors' code leaves mirrored views' locations
 * unmirrored by default; here they are what they say.
 * @see Bardes, Ponce & LeCun, VICRegL, NeurIPS 2022, https://arxiv.org/abs/2210.01571; parameters:
 *   https://github.com/facebookresearch/VICRegL
 */
export function vicreglViews(options: VicreglViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { channels = 3, global = {}, local = {}, normalise = defaultStatistics(channels) } = options;
  const { blur: [even, odd] = [1, 0.1] } = options;
  const crops = ({ count, ...kind }: Required<MultiCropOptions>) =>
    Array.from({ length: count }, (_, view) => {
      const changes = view % 2 === 0 ? { blur: even, solarization: 0 } : { blur: odd, solarization: 0.2 };
      return randomCrops({ ...kind, count: 1 }, byolTransforms({ size: kind.size, ...changes }));
    });
  return viewPipeline({
    channels,
    normalise,
    locations: true,
    views: [
      ...crops({ count: 2, size: 224, scale: [0.4, 1], ...global }),
      ...crops({ count: 6, size: 96, scale: [0.08, 0.4], ...local }),
    ],
  });
}
