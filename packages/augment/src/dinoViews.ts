import type { ViewPipeline } from '@unlabel/core';
import { type ByolTransformsOptions, byolTransforms } from './byolViews';
import type { MultiCropOptions } from './lejepaViews';
import type { Normalisation } from './normalise';
import { randomResizedCrop } from './randomResizedCrop';
import { defaultStatistics } from './statistics';
import { type DrawnView, type ViewOptions, viewPipeline } from './viewPipeline';

/** DINO's augmentation. */
export interface DinoViewsOptions {
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** The two large views, which come first (default 224 pixels, `[0.4, 1]` of the area). */
  readonly global?: Omit<MultiCropOptions, 'count'>;
  /** The small ones (default 8 of 96 pixels, `[0.05, 0.4]` of the area; `count: 0` for none). */ readonly local?: MultiCropOptions;
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Multi-crop: two global views, whose blur and solarization are BYOL's, and local ones, every other of which is blurred.
 * @see Caron et al., Emerging properties in self-supervised vision transformers, ICCV 2021, https://arxiv.org/abs/2104.14294
 */
export function dinoViews(options: DinoViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { channels = 3, global = {}, local = {}, normalise = defaultStatistics(channels) } = options;
  const large = { count: 1, size: 224, scale: [0.4, 1], ...global } as const;
  const small = { count: 8, size: 96, scale: [0.05, 0.4], ...local } as const;
  return viewPipeline({
    channels,
    normalise,
    views: [
      crops(large, { blur: 1, solarization: 0 }),
      crops(large, { blur: 0.1, solarization: 0.2 }),
      crops(small, { blur: 0.5, solarization: 0 }),
    ],
  });
}

function crops(
  { count, size, scale }: Required<MultiCropOptions>,
  changes: Pick<ByolTransformsOptions, 'blur' | 'solarization'>,
): ViewOptions {
  const transforms = byolTransforms({ size, ...changes });
  return { count, size, crop: randomResizedCrop({ scale }), flip: 0.5, transforms };
}
