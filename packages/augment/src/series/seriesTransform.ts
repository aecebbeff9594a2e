import type { PortableReference, RandomStream, SeriesSample } from '@unlabel/core';

/** How long a series is, and how many values there are at each step. */
export type SeriesShape = Pick<SeriesSample, 'length' | 'channels'>;

/** A series in the middle of a chain: `[length, channels]`, row-major. Features such as log mels are series, too. */
export interface FloatSeries extends SeriesShape {
  readonly data: Float32Array;
}

/** One step of a series view's chain, after the crop. `Drawn` is what is random about it, as plain data. */
export interface SeriesTransform<Drawn = unknown> {
  /** What errors call it. */ readonly name: string;
  /** The shape of what becomes of a series (default: the same). @throws UnlabelError `INVALID_OPTION` where it does not fit */
  shapeAfter?(shape: SeriesShape): SeriesShape;
  /** Draws what is random; `null` leaves the series as it is. A transform that changes the shape never gives `null`. */
  draw(random: RandomStream, shape: SeriesShape): Drawn | null;
  /** Changes `series.data` in place, or gives another series where the shape changes. */
  apply(series: FloatSeries, drawn: Drawn): FloatSeries;
  /** How a worker thread rebuilds it. Without one, the whole pipeline runs on the main thread. */ readonly portable?: PortableReference;
}
