import type { ViewPipeline } from '@unlabel/core';
import { colourJitter } from './colourJitter';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import { randomCrops } from './multiCrop';
import type { Normalisation } from './normalise';
import { blurKernel } from './simclrViews';
import { defaultStatistics } from './statistics';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** MoCo v2's augmentation. */
export interface MocoV2ViewsOptions {
  /** Height and width of a view (default 224). */ readonly size?: number;
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** Share of the image's area that a crop shows (default `[0.2, 1]`; the authors' CIFAR-10 demo has `[0.08, 1]`). */
  readonly scale?: readonly [number, number];
  /** Probability of blur (default 0.5; the CIFAR-10 demo has none). */ readonly blur?: number;
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Two views like SimCLR's, but with the jitter of MoCo v1, half as strong (0.4, 0.4, 0.4, 0.1 with probability 0.8), and
 * without crops of less than a fifth of the image. Also those of SimSiam.
 * @see Chen, Fan, Girshick & He, Improved baselines with momentum contrastive learning, 2020, https://arxiv.org/abs/2003.04297;
 *   parameters: https://github.com/facebookresearch/moco
 */
export function mocoV2Views(options: MocoV2ViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { size = 224, channels = 3, scale = [0.2, 1], blur = 0.5, normalise = defaultStatistics(channels) } = options;
  const transforms = [
    colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, probability: 0.8 }),
    grayscale(),
    gaussianBlur({ kernelSize: blurKernel(size), probability: blur }),
  ];
  return viewPipeline({ channels, normalise, views: [randomCrops({ count: 2, size, scale }, transforms)] });
}
