import type { PairSample, ViewPipeline } from '@unlabel/core';
import type { Normalisation } from './normalise';
import { type DrawnPair, pairViews } from './pairViews';
import { randomResizedCrop } from './randomResizedCrop';
import { defaultStatistics } from './statistics';
import { simcseViews } from './text/simcseViews';
import type { Tokenizer } from './text/tokenizer';
import { viewPipeline } from './viewPipeline';

/** CLIP's views of images and their texts. */
export interface ClipViewsOptions {
  /** Turns texts into ids. */ readonly tokenizer: Tokenizer;
  /** Tokens of a text, 3 or more (default 76, the paper's). */ readonly length?: number;
  /** Height and width of the image (default 224). */ readonly size?: number;
  /** Channels of the image (default 3). */ readonly channels?: 1 | 3;
  /** Share of the image's area that a crop shows (default `[0.9, 1]`). */ readonly scale?: readonly [number, number];
  /** Default ImageNet's statistics for RGB, Fashion-MNIST's for grey. */ readonly normalise?: Normalisation;
}

/**
 * A crop of most of the image, `views/0`, and its text as it is, `views/1` with `attention/1`. The paper crops squares at
 * random from resized images; the scale here is OpenCLIP's.
 * @throws UnlabelError `INVALID_OPTION`; while rendering `SAMPLE_EMPTY`
 * @see Radford et al., Learning transferable visual models from natural language supervision, ICML 2021, section 2.3,
 * https://arxiv.org/abs/2103.00020
 */
export function clipViews(options: ClipViewsOptions): ViewPipeline<DrawnPair, PairSample> {
  const { tokenizer, length = 76, size = 224, channels = 3, scale = [0.9, 1] } = options;
  const { normalise = defaultStatistics(channels) } = options;
  const image = viewPipeline({ channels, normalise, views: [{ size, crop: randomResizedCrop({ scale }) }] });
  return pairViews({ image, text: simcseViews({ tokenizer, length, views: 1 }) });
}
