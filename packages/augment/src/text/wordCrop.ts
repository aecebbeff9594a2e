import { portable } from '../portable';
import { requireRange } from '../requireRange';
import type { TextTransform } from './textTransform';

/** How much of a text stays. */
export interface WordCropOptions {
  /** Share of the words, drawn uniformly (default `[0.05, 0.5]`); one word stays at least. */ readonly share?: readonly [
    number,
    number,
  ];
}

/**
 * Keeps a run of words, of random length and place: independent cropping.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Izacard et al., Unsupervised dense information retrieval with contrastive learning, TMLR 2022, section 3.2,
 * https://arxiv.org/abs/2112.09118
 */
export function wordCrop(
  options: WordCropOptions = {},
): TextTransform<{ readonly start: number; readonly count: number }> {
  const { share = [0.05, 0.5] } = options;
  requireRange({ share }, { most: 1 });
  return {
    name: 'wordCrop',
    draw: (random, words) => {
      const count = Math.max(1, Math.round(words * random.uniform(...share)));
      return { start: random.integer(words - count + 1), count };
    },
    apply: (words, { start, count }) => words.slice(start, start + count),
    portable: portable('wordCrop', options),
  };
}
