import type { ViewPipeline } from '@unlabel/core';
import { centreCrop } from './centreCrop';
import type { Normalisation } from './normalise';
import { defaultStatistics } from './statistics';
import { type DrawnView, viewPipeline } from './viewPipeline';

/** The one view on which an encoder is evaluated. */
export interface EvaluationViewOptions {
  /** Height and width in pixels (default 28). */ readonly size?: number | readonly [number, number];
  /** Channels (default 1). */ readonly channels?: 1 | 3;
  /** Share of the shorter side to keep, in (0, 1] (default 1; ImageNet's habit is 0.875). */ readonly share?: number;
  /** Default Fashion-MNIST's statistics for grey, ImageNet's for RGB. */ readonly normalise?: Normalisation;
}

/** Resize, centre crop and normalise, with nothing random about it. */
export function evaluationView(options: EvaluationViewOptions = {}): ViewPipeline<readonly DrawnView[]> {
  const { size = 28, channels = 1, share = 1 } = options;
  const { normalise = defaultStatistics(channels) } = options;
  const aspect = typeof size === 'number' ? 1 : size[1] / size[0];
  return viewPipeline({ channels, normalise, views: [{ size, crop: centreCrop({ share, aspect }) }] });
}
