/** What the samples of a data set are, and what a pipeline of views takes. */
export type Modality = 'image' | 'series' | 'text' | 'pairs' | 'rows';

/** A decoded image: 8-bit, interleaved, row-major, `data.length` = height × width × channels. */
export interface ImageSample {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** 1 grey, 3 RGB. */ readonly channels: 1 | 3;
}

/** A recording or another time series: `[length, channels]`, row-major. */
export interface SeriesSample {
  readonly data: Float32Array;
  /** Steps in time. */ readonly length: number;
  readonly channels: number;
  /** Steps a second, where it is known. */ readonly rate?: number;
}

/** A text. */
export interface TextSample {
  readonly text: string;
}

/** An image and a text that belong together. */
export interface PairSample {
  readonly image: ImageSample;
  readonly text: string;
}

/** A row of a table of numbers. */
export interface RowSample {
  readonly data: Float32Array;
}

/** Labels, for evaluation, and for the few objectives that say that they need them. */
export interface Labels {
  /** One class index per sample. */ readonly values: Int32Array;
  /** Class names by index. */ readonly classes: readonly string[];
}

/** Samples by index. Reading may fail for single samples; a loader skips and counts those. */
export interface Dataset<Sample = ImageSample> {
  readonly name: string;
  /** What its samples are (default `'image'`). */ readonly modality?: Modality;
  readonly length: number;
  /** One sample. @throws UnlabelError `IMAGE_UNREADABLE`; `INVALID_OPTION` for an index that is not 0 … length − 1 */
  read(index: number): Sample | Promise<Sample>;
  /** What to call a sample in a report: a file name or an index. */
  sampleName(index: number): string;
  readonly labels?: Labels;
  /** A hash of the data's identity (names, sizes, bytes where cheap), so that a resumed run notices other data. */ readonly fingerprint: string;
}
