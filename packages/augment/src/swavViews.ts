import type { ViewPipeline } from '@unlabel/core';
import { type MultiCropOptions, randomCrops } from './multiCrop';
import type { Normalisation } from './normalise';
import { simclrTransforms } from './simclrViews';
import { defaultStatistics } from './statistics';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** SwAV's augmentation. */
export interface SwavViewsOptions {
  /** Channels of a view (default 3). */ readonly channels?: 1 | 3;
  /** The large views, which come first (default 2 of 224 pixels, `[0.14, 1]` of the area). */ readonly global?: MultiCropOptions;
  /** The small ones (default 6 of 96 pixels, `[0.05, 0.14]` of the area; `count: 0` for none). */ readonly local?: MultiCropOptions;
  /** s, strength of the colour jitter (default 1). */ readonly strength?: number;
  /** Probability of blur (default 0.5). */ readonly blur?: number;
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * Multi-crop: large and small views, whose shares of the image do not overlap, all with SimCLR's changes of colour and blur.
 * The authors' code blurs small views with the kernel of large ones, 23 pixels. Benchmarks on images of 32 pixels take two
 * large views of that size alone, half the strength, and no blur.
 * @see Caron et al., SwAV, NeurIPS 2020, sec. 3.2 and appendix, https://arxiv.org/abs/2006.09882; parameters:
 *   https://github.com/facebookresearch/swav/blob/main/scripts/swav_800ep_pretrain.sh
 */
export function swavViews(options: SwavViewsOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { channels = 3, global = {}, local = {}, normalise = defaultStatistics(channels) } = options;
  const { strength = 1, blur = 0.5 } = options;
  const crops = (kind: Required<MultiCropOptions>) =>
    randomCrops(kind, simclrTransforms({ size: kind.size, strength, blur }));
  return viewPipeline({
    channels,
    normalise,
    views: [
      crops({ count: 2, size: 224, scale: [0.14, 1], ...global }),
      crops({ count: 6, size: 96, scale: [0.05, 0.14], ...local }),
    ],
  });
}
