import type { TextSample, ViewPipeline } from '@unlabel/core';
import type { TextViewsOptions } from './frame';
import { type DrawnText, textPipeline } from './textPipeline';

/** How texts become views as they are. */
export interface SimcseViewsOptions extends TextViewsOptions {
  /** Tokens of a view, [CLS] and [SEP] included, 3 or more (default 32). */ readonly length?: number;
  /** Number of views (default 2). */ readonly views?: number;
}

/**
 * The same text twice, as it is: the views differ in nothing but the encoder's dropout. `views: 1` is enough for the
 * objective `simCse`, and for evaluation.
 * @throws UnlabelError `INVALID_OPTION`; while rendering `SAMPLE_EMPTY`
 * @see Gao, Yao & Chen, SimCSE, EMNLP 2021, https://arxiv.org/abs/2104.08821
 */
export function simcseViews(options: SimcseViewsOptions): ViewPipeline<readonly DrawnText[], TextSample> {
  const { tokenizer, length = 32, views = 2 } = options;
  return textPipeline({ tokenizer, length, views: [{ count: views }] });
}
