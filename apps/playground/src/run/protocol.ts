import type { TrainingEvent } from '@unlabel/core';
import type { MapSource } from './embeddingMap';
import type { Settings } from './settings';

/** An event of training that the page shows. */
export type ShownEvent = Exclude<TrainingEvent, { type: 'end' }>;

/** Where a run stands. */
export type RunStatus = 'empty' | 'preparing' | 'running' | 'pausing' | 'paused' | 'finished';

/** An error, in words for whoever looks at the page. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** Small pictures of samples, all of one size. */
export interface Pictures {
  readonly count: number;
  readonly side: number;
  /** RGBA, `[count, side, side, 4]`. */ readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** The samples that the map shows. */
export interface MapSamples extends Pictures {
  /** Class of each, where the data has classes. */ readonly labels: Int32Array | undefined;
  readonly classes: readonly string[];
  readonly names: readonly string[];
}

/** A run as it was found or made: what it is of, and what has happened in it. */
export interface SavedRun {
  readonly settings: Settings;
  readonly changes: readonly Change[];
  readonly events: readonly ShownEvent[];
  /** Updates made up to the newest checkpoint. */ readonly step: number;
}

/** Options that were changed in the middle of a run. */
export interface Change {
  readonly step: number;
  readonly what: string;
}

/** What was dropped or chosen. */
export interface DroppedFiles {
  readonly files: readonly DroppedFile[];
  /** Paths of files and folders that the browser could not open. */ readonly unopened: readonly string[];
}

/** A file and where it lay in what was dropped. */
export interface DroppedFile {
  /** Names of folders and of the file, joined by `/`. */ readonly path: string;
  readonly file: File;
}

/** Dropped images, once they are decoded. */
export interface OwnImages {
  readonly count: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  /** What could not be read, and what was left out, as sentences. */ readonly notes: readonly string[];
}

/** An image and the views that a method sees of it. */
export interface ViewRow {
  readonly original: Picture;
  readonly views: readonly Picture[];
}

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** RGBA. */ readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export interface Neighbour {
  /** Which sample of the map. */ readonly sample: number;
  /** Cosine similarity, in [−1, 1]. */ readonly similarity: number;
}

/** What was measured of a machine so far. */
export interface MachineFigures {
  /** The GPU, or why there is none. */ readonly adapter: string;
  /** Whether it is none: its figures say nothing of GPUs. */ readonly software: boolean;
  readonly rows: readonly MeasuredRow[];
}

/** One thing, done in one or two ways. */
export interface MeasuredRow {
  readonly what: string;
  readonly sides: readonly MeasuredSide[];
}

/** One way: how many a second, how long it takes, or why it cannot be measured here. */
export type MeasuredSide = { readonly name: string } & (
  | { readonly rate: number }
  | { readonly milliseconds: number }
  | { readonly why: string }
);

/** What the page may ask of the worker: arguments and result by name. */
export interface Requests {
  /** Finds what an earlier visit left. */
  restore(): {
    readonly run: SavedRun | undefined;
    readonly own: OwnImages | undefined;
    /** Whether what is saved outlasts the page. */ readonly lasting: boolean;
    /** What could not be read and where it is now. */ readonly notes: readonly string[];
  };
  /** Decodes images and keeps them for later visits, in place of those before. */ takeImages(
    dropped: DroppedFiles,
  ): OwnImages;
  previewViews(settings: Settings, draw: number): readonly ViewRow[];
  /** Begins a new run, in place of the one before. */ start(settings: Settings): void;
  /** Ends training after the present update, with a checkpoint. */ pause(): void;
  /** Continues from the newest checkpoint, with other options where they may change. */ resume(
    settings: Settings,
  ): void;
  /** Shows the other on the map: from the next step on, or of the newest checkpoint where nothing trains. */ showMap(
    source: MapSource,
  ): void;
  neighbours(sample: number): readonly Neighbour[];
  exportOnnx(): Uint8Array<ArrayBuffer>;
  /** Features of the map's samples as CSV: name, class, and a column for each feature. */ exportFeatures(): string;
  exportConfig(settings: Settings): string;
  /** Measures what such a run takes here, and tells of each row. Nothing may be training. */ measure(
    settings: Settings,
  ): void;
}

/** What the worker tells of its own accord. */
export type Notice =
  | { readonly type: 'status'; readonly status: RunStatus }
  | { readonly type: 'backend'; readonly name: string; readonly note: string | undefined }
  | { readonly type: 'event'; readonly event: ShownEvent }
  | { readonly type: 'samples'; readonly samples: MapSamples }
  | { readonly type: 'map'; readonly step: number; readonly points: Float32Array<ArrayBuffer> }
  | { readonly type: 'decoding'; readonly done: number; readonly of: number }
  | { readonly type: 'measured'; readonly figures: MachineFigures }
  | { readonly type: 'changes'; readonly changes: readonly Change[] }
  | { readonly type: 'failure'; readonly failure: Failure };

export type RequestName = keyof Requests;

export interface RequestMessage {
  readonly id: number;
  readonly name: RequestName;
  readonly arguments: readonly unknown[];
}

export type Message =
  | { readonly type: 'reply'; readonly id: number; readonly result: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly failure: Failure }
  | Notice;
