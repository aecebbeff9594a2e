import type { PortableReference, RandomStream } from '@unlabel/core';

/** One step of a text view's chain, on words, before they become tokens. `Drawn` is what is random about it, as plain data. */
export interface TextTransform<Drawn = unknown> {
  /** What errors call it. */ readonly name: string;
  /** Draws what is random about a text of so many words, 1 or more; `null` leaves it as it is. */
  draw(random: RandomStream, words: number): Drawn | null;
  /** The words that come of it, 1 or more. */
  apply(words: readonly string[], drawn: Drawn): readonly string[];
  /** How a worker thread rebuilds it. Without one, the whole pipeline runs on the main thread. */ readonly portable?: PortableReference;
}
