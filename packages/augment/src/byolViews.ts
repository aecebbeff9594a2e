import type { ViewPipeline } from '@unlabel/core';
import { colourJitter } from './colourJitter';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { randomCrops } from './multiCrop';
import type { Normalisation } from './normalise';
import { blurKernel } from './simclrViews';
import { solarize } from './solarize';
import { defaultStatistics } from './statistics';
import type { Transform } from './transform';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** BYOL's augmentation. */
export interface ByolViewsOptions {
  /** Height and width of a view (default 224). */ readonly size?: number;
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** Share of the image's area that a crop shows (default `[0.08, 1]`; `[0.2, 1]` of MoCo v3 with ResNet-50). */
  readonly scale?: readonly [number, number];
  /** Probability of blur of the first view and the second (default `[1, 0.1]`; none on images of 32 pixels). */
  readonly blur?: readonly [number, number];
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Two views, cropped, mirrored, jittered and made grey alike; the first is always blurred, the second seldom (0.1) but
 * sometimes solarized (0.2). Also those of MoCo v3, Barlow Twins and VICReg.
 * @see Grill et al., Bootstrap your own latent, NeurIPS 2020, appendix B, https://arxiv.org/abs/2006.07733
 * @see Chen, Xie & He, MoCo v3, ICCV 2021, https://arxiv.org/abs/2104.02057; smallest crops:
 *   https://github.com/facebookresearch/moco-v3/blob/main/CONFIG.md
 */
export function byolViews(options: ByolViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { size = 224, channels = 3, scale = [0.08, 1], normalise = defaultStatistics(channels) } = options;
  const { blur: [first, second] = [1, 0.1] } = options;
  const crops = { count: 1, size, scale };
  return viewPipeline({
    channels,
    normalise,
    views: [
      randomCrops(crops, byolTransforms({ size, blur: first, solarization: 0 })),
      randomCrops(crops, byolTransforms({ size, blur: second, solarization: 0.2 })),
    ],
  });
}

/** Probabilities of what differs between views, and the side that the blur's kernel is a tenth of. */
export interface ByolTransformsOptions {
  readonly size: number;
  readonly blur: number;
  readonly solarization: number;
}

/** What happens to a view after the crop: jitter (0.4, 0.4, 0.2, 0.1 with probability 0.8), grey (0.2), blur, solarization. */
export function byolTransforms({ size, blur, solarization }: ByolTransformsOptions): readonly Transform[] {
  return [
    colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1, probability: 0.8 }),
    grayscale(),
    gaussianBlur({ kernelSize: blurKernel(size), probability: blur }),
    solarize({ probability: solarization }),
  ];
}
