import type { TextSample, ViewPipeline } from '@unlabel/core';
import type { TextViewsOptions } from './frame';
import { type DrawnText, textPipeline } from './textPipeline';
import { wordCrop } from './wordCrop';
import { wordDeletion } from './wordDeletion';

/** Which parts of a document become views. */
export interface ContrieverViewsOptions extends TextViewsOptions {
  /** Tokens of a view, [CLS] and [SEP] included, 3 or more (default 256). */ readonly length?: number;
  /** Number of views (default 2). */ readonly views?: number;
  /** Share of the words that a view keeps, drawn uniformly (default `[0.05, 0.5]`). */ readonly share?: readonly [
    number,
    number,
  ];
  /** Probability of each word of it to go (default 0.1). */ readonly deletion?: number;
}

/**
 * Independent cropping: each view is a run of the document's words, of which some go. The paper crops word pieces of
 * chunks of 256; here, words of the whole text.
 * @throws UnlabelError `INVALID_OPTION`; while drawing `SAMPLE_EMPTY`
 * @see Izacard et al., Unsupervised dense information retrieval with contrastive learning, TMLR 2022,
 * https://arxiv.org/abs/2112.09118
 */
export function contrieverViews(options: ContrieverViewsOptions): ViewPipeline<readonly DrawnText[], TextSample> {
  const { tokenizer, length = 256, views = 2, share = [0.05, 0.5], deletion = 0.1 } = options;
  const transforms = [wordCrop({ share }), wordDeletion({ probability: deletion })];
  return textPipeline({ tokenizer, length, views: [{ count: views, transforms }] });
}
