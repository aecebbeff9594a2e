import type { ViewPipeline } from '@unlabel/core';
import { affineCrop } from './affineCrop';
import { type ColourJitterOptions, colourJitter } from './colourJitter';
import type { MultiCropOptions } from './multiCrop';
import type { Normalisation } from './normalise';
import { defaultStatistics } from './statistics';
import type { Transform } from './transform';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** Views for images of some 20 to 64 pixels, on which whole-pixel crops are coarse and blur destroys what there is. */
export interface SmallImageViewsOptions {
  /** Height and width of a view (default 28). */ readonly size?: number | readonly [number, number];
  /** Channels of a view (default 1). */ readonly channels?: 1 | 3;
  /** Number of views (default 2), or of global views where there are local ones. */ readonly views?: number;
  /** Small views of parts, after the others (default none; if given, 4 of 12 pixels, `[0.1, 0.4]` of the area). */
  readonly local?: MultiCropOptions;
  /** Share of the image's area that a crop shows (default `[0.3, 1]`). */ readonly scale?: readonly [number, number];
  /** Aspect ratio of a crop (default `[3/4, 4/3]`). */ readonly ratio?: readonly [number, number];
  /** Probability of mirroring (default 0.5). */ readonly flip?: number;
  /** Colour changes (default brightness, then contrast, both 0.4, with probability 0.8). */ readonly jitter?: ColourJitterOptions;
  /** Further transforms, after the jitter (default none). */ readonly transforms?: readonly Transform[];
  /** Default Fashion-MNIST's statistics for grey, ImageNet's for RGB. */ readonly normalise?: Normalisation;
}

/** Affine crops, mirroring and a mild jitter: quick to render, and enough for small centred images. */
export function smallImageViews(options: SmallImageViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { size = 28, channels = 1, views = 2, flip = 0.5, transforms = [] } = options;
  const { scale = [0.3, 1], ratio = [3 / 4, 4 / 3] } = options;
  const { jitter = { brightness: 0.4, contrast: 0.4, probability: 0.8, order: 'fixed' } } = options;
  const { normalise = defaultStatistics(channels), local } = options;
  const { count = 4, size: localSize = 12, scale: localScale = [0.1, 0.4] } = local ?? { count: 0 };
  const chain = [colourJitter(jitter), ...transforms];
  return viewPipeline({
    channels,
    normalise,
    views: [
      { count: views, size, crop: affineCrop({ scale, ratio }), flip, transforms: chain },
      ...(count > 0
        ? [{ count, size: localSize, crop: affineCrop({ scale: localScale, ratio }), flip, transforms: chain }]
        : []),
    ],
  });
}
