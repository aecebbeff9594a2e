import type { ViewPipeline } from '@unlabel/core';
import { colourJitter } from './colourJitter';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import type { Normalisation } from './normalise';
import { randomResizedCrop } from './randomResizedCrop';
import { blurKernel } from './simclrViews';
import { solarize } from './solarize';
import { defaultStatistics } from './statistics';
import { type DrawnView, type ViewOptions, viewPipeline } from './viewPipeline';

/** Views of one kind: how many, how large, of how much of the image. */
export interface MultiCropOptions {
  readonly count?: number;
  readonly size?: number;
  /** Share of the image's area that a crop shows. */ readonly scale?: readonly [number, number];
}

/** LeJEPA's augmentation. */
export interface LejepaViewsOptions {
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** The large views, which come first (default 2 of 224 pixels, `[0.3, 1]` of the area). */ readonly global?: MultiCropOptions;
  /** The small ones (default 6 of 96 pixels, `[0.05, 0.3]` of the area; `count: 0` for none). */ readonly local?: MultiCropOptions;
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Global and local crops, each mirrored, jittered (0.8, 0.8, 0.8, 0.2 with probability 0.8), made grey (0.2), blurred
 * (0.5) and solarized (0.2), independently of one another.
 * @see Balestriero & LeCun, LeJEPA, 2025, https://arxiv.org/abs/2511.08544
 */
export function lejepaViews(options: LejepaViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { channels = 3, global = {}, local = {}, normalise = defaultStatistics(channels) } = options;
  return viewPipeline({
    channels,
    normalise,
    views: [
      crops({ count: 2, size: 224, scale: [0.3, 1], ...global }),
      crops({ count: 6, size: 96, scale: [0.05, 0.3], ...local }),
    ],
  });
}

function crops({ count, size, scale }: Required<MultiCropOptions>): ViewOptions {
  const transforms = [
    colourJitter({ brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2, probability: 0.8 }),
    grayscale(),
    gaussianBlur({ kernelSize: blurKernel(size) }),
    solarize(),
  ];
  return { count, size, crop: randomResizedCrop({ scale }), flip: 0.5, transforms };
}
