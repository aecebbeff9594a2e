import { type Dataset, type TextSample, UnlabelError } from '@unlabel/core';
import { portable } from '../portable';
import { requireCount } from '../requireCount';
import { firstIdCount, firstIds, type Tokenizer } from './tokenizer';

/** What a word-level tokenizer knows. */
export interface WordTokenizerOptions {
  /** The vocabulary, of lower-case words and single signs, each once; {@link countWords} gives that of a data set. */
  readonly words: readonly string[];
}

/**
 * One token for each word, number and punctuation mark, in lower case; what is not in the vocabulary is unknown.
 * @throws UnlabelError `INVALID_OPTION` for a vocabulary that is empty or names a word twice
 */
export function wordTokenizer(options: WordTokenizerOptions): Tokenizer {
  const { words } = options;
  const ids = new Map(words.map((word, index) => [word, index + firstIdCount]));
  if (words.length === 0 || ids.size < words.length) {
    const why = words.length === 0 ? 'is empty' : `names ${words.length - ids.size} words twice`;
    throw new UnlabelError('INVALID_OPTION', `The vocabulary ${why}.`, { fix: 'Take it from countWords(dataset).' });
  }
  return {
    name: 'words',
    size: firstIdCount + words.length,
    special: firstIds,
    encode: (text) => splitWords(text).map((word) => ids.get(word) ?? firstIds.unk),
    decode: (tokens) =>
      Array.from(tokens)
        .flatMap((id) => (id === firstIds.unk ? '�' : (words[id - firstIdCount] ?? [])))
        .join(' '),
    portable: portable('wordTokenizer', options),
  };
}

/**
 * The most frequent words of a data set, the most frequent first; words of one frequency by code point.
 * @throws UnlabelError `INVALID_OPTION`, `DATASET_EMPTY`; what reading a sample throws
 */
export async function countWords(
  dataset: Pick<Dataset<TextSample>, 'name' | 'length' | 'read'>,
  options: {
    /** How many words at most (default 30000). */ readonly size?: number;
    /** How often a word must stand there (default 2). */ readonly least?: number;
  } = {},
): Promise<readonly string[]> {
  const { size = 30_000, least = 2 } = options;
  requireCount({ size, least });
  const counts = new Map<string, number>();
  for (let index = 0; index < dataset.length; index++) {
    const { text } = await dataset.read(index);
    for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].filter(([, count]) => count >= least).sort(byFrequency);
  if (words.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `${dataset.name} has no word that stands there ${least} times.`, {
      fix: 'Give more texts, or least: 1.',
    });
  }
  return words.slice(0, size).map(([word]) => word);
}

function byFrequency([a, countOfA]: readonly [string, number], [b, countOfB]: readonly [string, number]): number {
  if (countOfA !== countOfB) return countOfB - countOfA;
  return a < b ? -1 : 1; // not by locale: that differs between machines
}

/** Words, numbers and other signs, in lower case; marks such as accents stay with their letter. */
function splitWords(text: string): readonly string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu) ?? []
  );
}
