import type { PortableReference } from '@unlabel/core';

/** Ids of the tokens that stand for no text. */
export interface SpecialTokens {
  /** Fills a view up to its length. */ readonly pad: number;
  /** Begins a text: [CLS], or the beginning of a sentence. */ readonly cls: number;
  /** Ends it: [SEP], or the end of a sentence. */ readonly sep: number;
  /** Stands for what the vocabulary lacks, where it can lack anything. */ readonly unk?: number;
  /** Stands for a token that is to be predicted; masked views need it. */ readonly mask?: number;
}

/** Turns text into token ids. */
export interface Tokenizer {
  readonly name: string;
  /** Number of ids, special ones included: rows of an embedding. Ids are 0 … size − 1. */ readonly size: number;
  readonly special: SpecialTokens;
  /** The tokens of a text, without special ones around them. */
  encode(text: string): readonly number[];
  /** A text of these tokens, special ones left out; for people to read. */
  decode(ids: ArrayLike<number>): string;
  /** How a worker thread rebuilds it. Without one, the pipeline runs on the main thread. */ readonly portable?: PortableReference;
}

/** Ids of which each has a name of its own: the first five of the tokenizers that are built here. */
export const firstIds = { pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 } as const satisfies SpecialTokens;

/** How many ids {@link firstIds} takes. */
export const firstIdCount = 5;
