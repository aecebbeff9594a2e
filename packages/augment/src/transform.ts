import type { ImageStep, PortableReference, RandomStream } from '@unlabel/core';

/**
 * An image in the middle of a chain: `[channels, height, width]`, values in [0, 1]; one plane of pixels, row by row, or
 * those of red, green and blue after one another.
 */
export interface FloatImage {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  /** 1 grey, 3 RGB. */ readonly channels: 1 | 3;
}

/**
 * One step of a view's chain, after the crop. `Drawn` is what is random about it: structured-cloneable, so that it can
 * be printed and sent to another thread.
 */
export interface Transform<Drawn = unknown> {
  /** What errors call it. */ readonly name: string;
  /** Draws what is random about a view of that size; `null` leaves it as it is. */
  draw(random: RandomStream, view: Pick<FloatImage, 'height' | 'width'>): Drawn | null;
  /** Changes `image.data` in place; the array is of no use after the call. */
  apply(image: FloatImage, drawn: Drawn): void;
  /** What `apply` does to a view of that size, as data, so that it can be done on a GPU. Without it, pipelines with it run on the CPU. */
  steps?(drawn: Drawn, view: Pick<FloatImage, 'height' | 'width'>): readonly ImageStep[];
  /** How a worker thread rebuilds it. Without one, the whole pipeline runs on the main thread. */ readonly portable?: PortableReference;
}
