import type { ViewPipeline } from '@unlabel/core';
import { colourJitter } from './colourJitter';
import { gaussianBlur } from './gaussianBlur';
import { grayscale } from './grayscale';
import type { Normalisation } from './normalise';
import { randomResizedCrop } from './randomResizedCrop';
import { defaultStatistics } from './statistics';
import type { Transform } from './transform';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** SimCLR's augmentation. */
export interface SimclrViewsOptions {
  /** Height and width of a view (default 224). */ readonly size?: number;
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** Number of views (default 2). */ readonly views?: number;
  /** s, strength of the colour jitter (default 1; the paper's CIFAR-10 runs use 0.5). */ readonly strength?: number;
  /** Share of the image's area that a crop shows (default `[0.08, 1]`). */ readonly scale?: readonly [number, number];
  /** Probability of mirroring (default 0.5). */ readonly flip?: number;
  /** Probability of losing colour (default 0.2). */ readonly grayscale?: number;
  /** Probability of blur (default 0.5; the paper's CIFAR-10 runs use none). */ readonly blur?: number;
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Two strongly augmented views: crop, mirror, jitter (0.8 s, 0.8 s, 0.8 s, 0.2 s) with probability 0.8, grey, blur with a
 * kernel a tenth as long as the view.
 * @see Chen et al., A simple framework for contrastive learning, ICML 2020, appendix A and B.9, https://arxiv.org/abs/2002.05709
 */
export function simclrViews(options: SimclrViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { size = 224, channels = 3, views = 2, scale = [0.08, 1], flip = 0.5 } = options;
  const { normalise = defaultStatistics(channels) } = options;
  const transforms = simclrTransforms({ size, ...options });
  return viewPipeline({
    channels,
    normalise,
    views: [{ count: views, size, crop: randomResizedCrop({ scale }), flip, transforms }],
  });
}

/** What happens to a view of `size` pixels after the crop. */
export function simclrTransforms(
  options: Pick<SimclrViewsOptions, 'strength' | 'grayscale' | 'blur'> & { readonly size: number },
): readonly Transform[] {
  const { size, strength: s = 1, grayscale: grey = 0.2, blur = 0.5 } = options;
  return [
    colourJitter({ brightness: 0.8 * s, contrast: 0.8 * s, saturation: 0.8 * s, hue: 0.2 * s, probability: 0.8 }),
    grayscale({ probability: grey }),
    gaussianBlur({ kernelSize: blurKernel(size), probability: blur }),
  ];
}

/** A tenth of the view, made odd, 3 at least. */
export function blurKernel(size: number): number {
  return Math.max(3, Math.floor(size / 10) | 1);
}
