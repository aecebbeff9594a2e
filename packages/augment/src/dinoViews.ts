import type { ViewPipeline } from '@unlabel/core';
import { byolTransforms } from './byolViews';
import { type MultiCropOptions, randomCrops } from './multiCrop';
import type { Normalisation } from './normalise';
import { defaultStatistics } from './statistics';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** DINO's augmentation. */
export interface DinoViewsOptions {
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** The two large views, which come first (default 224 pixels, `[0.4, 1]` of the area). */
  readonly global?: Omit<MultiCropOptions, 'count'>;
  /** The small ones (default 8 of 96 pixels, `[0.05, 0.4]` of the area; `count: 0` for none). */ readonly local?: MultiCropOptions;
  /** Probability of blur of the first large view, the second, and each small one (default `[1, 0.1, 0.5]`). */
  readonly blur?: readonly [number, number, number];
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Multi-crop: two global views, whose blur and solarization are BYOL's, and local ones, every other of which is blurred.
 * Benchmarks on images of 32 pixels take neither local views nor blur.
 * @see Caron et al., Emerging properties in self-supervised vision transformers, ICCV 2021, https://arxiv.org/abs/2104.14294
 */
export function dinoViews(options: DinoViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { channels = 3, global = {}, local = {}, normalise = defaultStatistics(channels) } = options;
  const { blur: [first, second, small] = [1, 0.1, 0.5] } = options;
  const large = { count: 1, size: 224, scale: [0.4, 1], ...global } as const;
  const parts = { count: 8, size: 96, scale: [0.05, 0.4], ...local } as const;
  return viewPipeline({
    channels,
    normalise,
    views: [
      randomCrops(large, byolTransforms({ size: large.size, blur: first, solarization: 0 })),
      randomCrops(large, byolTransforms({ size: large.size, blur: second, solarization: 0.2 })),
      randomCrops(parts, byolTransforms({ size: parts.size, blur: small, solarization: 0 })),
    ],
  });
}
