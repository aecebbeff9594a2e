import { portable } from '../portable';
import { requireRange } from '../requireRange';
import type { TextTransform } from './textTransform';

/** How many words go. */
export interface WordDeletionOptions {
  /** Probability of each word to go, from 0 to 1 (default 0.1). */ readonly probability?: number;
}

/**
 * Leaves out words at random; one word stays where all would go.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Wei & Zou, EDA: easy data augmentation, EMNLP 2019, https://arxiv.org/abs/1901.11196
 */
export function wordDeletion(
  options: WordDeletionOptions = {},
): TextTransform<{ readonly deleted: readonly number[] }> {
  const { probability = 0.1 } = options;
  requireRange({ probability }, { least: 0, most: 1 });
  return {
    name: 'wordDeletion',
    draw: (random, words) => {
      const deleted = Array.from({ length: words }, (_, word) => word).filter(() => random.uniform() < probability);
      if (deleted.length === words) deleted.splice(random.integer(words), 1);
      return deleted.length === 0 ? null : { deleted };
    },
    apply: (words, { deleted }) => {
      const gone = new Set(deleted);
      return words.filter((_, word) => !gone.has(word));
    },
    portable: portable('wordDeletion', options),
  };
}
