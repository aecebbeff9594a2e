import { portable } from '../portable';
import { requireRange } from '../requireRange';
import type { TextTransform } from './textTransform';

/** How many words change places. */
export interface WordSwapOptions {
  /** α, swaps as a share of the number of words, rounded down, but 1 at least (default 0.1; 0 for none). */ readonly share?: number;
}

/**
 * Exchanges two words, so many times; a single word stays where it is.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Wei & Zou, EDA: easy data augmentation, EMNLP 2019, https://arxiv.org/abs/1901.11196
 */
export function wordSwap(
  options: WordSwapOptions = {},
): TextTransform<{ readonly swaps: readonly (readonly [number, number])[] }> {
  const { share = 0.1 } = options;
  requireRange({ share }, { least: 0, most: 1 });
  return {
    name: 'wordSwap',
    draw: (random, words) => {
      if (words < 2 || share === 0) return null;
      const swaps = Array.from({ length: Math.max(1, Math.floor(share * words)) }, () => {
        const first = random.integer(words);
        return [first, (first + 1 + random.integer(words - 1)) % words] as const;
      });
      return { swaps };
    },
    apply: (words, { swaps }) => {
      const swapped = [...words];
      for (const [first, second] of swaps) {
        const held = swapped[first] ?? '';
        swapped[first] = swapped[second] ?? '';
        swapped[second] = held;
      }
      return swapped;
    },
    portable: portable('wordSwap', options),
  };
}
