import type { PortableReference, RandomStream, RowSample } from '@unlabel/core';

/** One step of a row view's chain. `Drawn` is what is random about it, as plain data. */
export interface RowTransform<Drawn = unknown> {
  /** What errors call it. */ readonly name: string;
  /** Draws what is random about a row; `null` leaves it as it is. */
  draw(random: RandomStream, row: RowSample): Drawn | null;
  /** Changes the row in place. */
  apply(row: Float32Array, drawn: Drawn): void;
  /** How a worker thread rebuilds it. Without one, the whole pipeline runs on the main thread. */ readonly portable?: PortableReference;
}
