import type { TextSample, ViewPipeline } from '@unlabel/core';
import type { TextViewsOptions } from './frame';
import { type DrawnText, textPipeline } from './textPipeline';
import { wordDeletion } from './wordDeletion';
import { wordSwap } from './wordSwap';

/** How many words change places or go. */
export interface EdaViewsOptions extends TextViewsOptions {
  /** Tokens of a view, [CLS] and [SEP] included, 3 or more (default 64). */ readonly length?: number;
  /** Number of views (default 2). */ readonly views?: number;
  /** α of swaps, as a share of the words (default 0.1; 0 for none). */ readonly swap?: number;
  /** Probability of each word to go (default 0.1). */ readonly deletion?: number;
}

/**
 * Easy data augmentation: in each view, words change places and others go. The paper applies one operation at a time, and
 * has two more that need a thesaurus.
 * @throws UnlabelError `INVALID_OPTION`; while drawing `SAMPLE_EMPTY`
 * @see Wei & Zou, EDA: easy data augmentation, EMNLP 2019, https://arxiv.org/abs/1901.11196
 */
export function edaViews(options: EdaViewsOptions): ViewPipeline<readonly DrawnText[], TextSample> {
  const { tokenizer, length = 64, views = 2, swap = 0.1, deletion = 0.1 } = options;
  const transforms = [wordSwap({ share: swap }), wordDeletion({ probability: deletion })];
  return textPipeline({ tokenizer, length, views: [{ count: views, transforms }] });
}
