/** All that a report shows, as plain data: a page has the sections whose data is there, in the order of these fields. */
export interface ReportData {
  readonly title: string;
  /** What it is a report of, in a line: method, data, length. */ readonly subtitle?: string;
  /** The figures that a reader looks for first. */ readonly headline?: readonly HeadlineFigure[];
  /** What the figures say, in sentences. */ readonly findings?: readonly string[];
  /** What went wrong or needs attention, in sentences. */ readonly warnings?: readonly string[];
  /** What representations or runs reached. */ readonly tables?: readonly ReportTable[];
  /** Quality against collapse, a point for each run or setting. */ readonly tradeOff?: TradeOff;
  /** How training went. */ readonly curves?: readonly Curve[];
  /** Singular values of features, largest first. */ readonly spectrum?: Curve;
  /** The samples that `map` and `neighbours` show by their row here. */ readonly samples?: ReportSamples;
  /** Features of the samples in two dimensions. */ readonly map?: SampleMap;
  /** What lies next to some samples in feature space. */ readonly neighbours?: NeighbourGrid;
  /** Which classes are taken for which. */ readonly confusion?: Confusion;
  /** What the model saw of some images while it trained. */ readonly views?: ViewSheet;
  /** The whole config, as text. */ readonly config?: string;
  /** Versions, machine, backend, seed: names and values. */ readonly environment?: Readonly<Record<string, string>>;
}

/** One figure, large. */
export interface HeadlineFigure {
  readonly label: string;
  readonly value: string;
  /** A few words below it. */ readonly note?: string;
  /** Whether it is good news (default: neither). */ readonly tone?: Tone;
}

export type Tone = 'good' | 'bad' | 'caution';

/** A table with the names of its rows in the first column. */
export interface ReportTable {
  /** Unique on the page. */ readonly title: string;
  /** What the numbers are and how they were measured. */ readonly note?: string;
  readonly columns: readonly ReportColumn[];
  /** A cell for each column. */ readonly rows: readonly (readonly ReportCell[])[];
}

export interface ReportColumn {
  readonly title: string;
  /** Which of its values stands out (default: none). */ readonly best?: 'max' | 'min';
  /** Numbers stand at the right (default `left`). */ readonly align?: 'left' | 'right';
}

/** Text, or text with the value by which it competes. */
export type ReportCell =
  | string
  | {
      readonly text: string;
      readonly value?: number;
      /** A few words below it. */ readonly note?: string;
      readonly tone?: Tone;
    };

/** Lines over a common horizontal axis. */
export interface Curve {
  readonly title: string;
  /** What runs along the horizontal axis. */ readonly x: string;
  /** What runs along the vertical axis. */ readonly y: string;
  /** Whether the vertical axis is logarithmic; values ≤ 0 are then left out (default false). */ readonly logarithmic?: boolean;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  /** Pairs (x, y), sorted by x; values that are not finite are left out. */
  readonly points: readonly (readonly [number, number])[];
}

/** An image that holds small ones, row by row. */
export interface Sprite {
  /** Of an encoded image file. */ readonly bytes: Uint8Array;
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly columns: number;
  /** Places in it, from the first, that are filled. */ readonly count: number;
}

export interface ReportSamples {
  /** What to call each: a file name or an index. */ readonly names: readonly string[];
  /** Class of each, an index into `classes`; left out where there are no labels. */ readonly labels?: readonly number[];
  /** Names of the classes. */ readonly classes?: readonly string[];
  /** A small image of each (default: no images). */ readonly thumbnails?: Sprite;
}

export interface SampleMap {
  /** How it was made: `UMAP` or `PCA`. */ readonly method: string;
  /** Place of each sample. */ readonly points: readonly (readonly [number, number])[];
}

export interface NeighbourGrid {
  /** What is meant by near, such as `cosine similarity`. */ readonly measure: string;
  readonly rows: readonly NeighbourRow[];
}

export interface NeighbourRow {
  /** Row among the samples. */ readonly sample: number;
  /** Nearest first. */ readonly nearest: readonly { readonly sample: number; readonly similarity: number }[];
}

export interface Confusion {
  /** Whose predictions, such as `knn of the trained encoder`. */ readonly title: string;
  readonly classes: readonly string[];
  /** Row-major `[classes, classes]`: entry (label, prediction) counts. */ readonly counts: readonly number[];
}

/** Images and what the views made of them, a row for each image. */
export interface ViewSheet {
  /** Titles of the columns: `original`, `view 1` …. */ readonly columns: readonly string[];
  /** Names of the images. */ readonly names: readonly string[];
  /** `names.length` × `columns.length` places, row by row. */ readonly tiles: Sprite;
  /** Height and width of what each column shows, beside the largest, in (0, 1] (default 1). */ readonly scales?: readonly number[];
}

/** How good points are, and how near they are to collapse. */
export interface TradeOff {
  readonly title: string;
  /** What runs along the horizontal axis, such as `share of dimensions in use (RankMe)`. */ readonly x: string;
  /** What runs along the vertical axis, such as `linear probe, accuracy in %`. */ readonly y: string;
  readonly points: readonly TradeOffPoint[];
}

export interface TradeOffPoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Lower and upper end of the interval of y. */ readonly interval?: readonly [number, number];
  readonly tone?: Tone;
}
