import type { UnreadableSample } from '../batches';
import type { Encoder } from '../encoder';
import type { HostTensors } from '../hostTensor';
import type { CheckpointFacts } from './checkpoint';
import type { Projections } from './projector';

/** What `pretrain` yields, in order: one `start`, then `step`s with `epoch`s, `checkpoint`s and `report`s between, one `end`. */
export type TrainingEvent =
  | {
      readonly type: 'start';
      readonly totalSteps: number;
      readonly epochs: number;
      readonly resumedFrom: number;
      readonly backend: string;
    }
  | {
      readonly type: 'step';
      /** Steps finished, counted from 1. */ readonly step: number;
      readonly epoch: number;
      readonly loss: number;
      readonly terms: Readonly<Record<string, number>>;
      /** Learning rate, gradient norm and the objective's scalars. */ readonly scalars: Readonly<
        Record<string, number>
      >;
      readonly samplesPerSecond: number;
      /** Mean over dimensions of the projection's standard deviation over the batch, times √dim after normalisation: 1 is healthy, 0 collapsed. */
      readonly projectionStd: number;
    }
  | { readonly type: 'epoch'; readonly epoch: number; readonly step: number; readonly meanLoss: number }
  | {
      readonly type: 'report';
      readonly step: number;
      readonly source: string;
      readonly figures: Readonly<Record<string, number>>;
    }
  | { readonly type: 'warning'; readonly step: number; readonly source: string; readonly message: string }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string }
  | {
      readonly type: 'end';
      readonly step: number;
      /** Whether the signal ended it early. */ readonly aborted: boolean;
      /** Wall-clock of the loop. */ readonly seconds: number;
      /** Of these, spent waiting for batches. */ readonly waitedSeconds: number;
      /** Of these, spent in callbacks. */ readonly callbackSeconds: number;
      /** The encoder's variables by their own names: the average where one is kept, else the last. */
      readonly weights: HostTensors;
      /** Samples that could not be read. */ readonly unreadable: readonly UnreadableSample[];
    };

/** What callbacks may ask of a run. */
export interface RunHandle {
  readonly encoder: Encoder;
  /**
   * Features `[count, outputDim]` of inputs `[count, ...inputShape]` by the present encoder in evaluation mode. The same
   * array again, unchanged, costs nothing before the next update: callbacks may share held-out samples.
   */
  embed(inputs: Float32Array, count: number): Promise<Float32Array>;
  /**
   * What the loss sees of inputs `[count, ...inputShape]` as view 0, by the present networks in evaluation mode. Collapse
   * shows here before it shows in features.
   */
  project(inputs: Float32Array, count: number): Promise<Projections>;
  /** Adds an event to the run's stream. */
  emit(event: Extract<TrainingEvent, { type: 'report' | 'warning' }>): void;
  /** The present state, copied. */
  readState(names?: readonly string[]): Promise<HostTensors>;
  /**
   * Writes the present state as the checkpoint `name`, all or nothing, in place of an earlier one of that name. Runs resume
   * from others; it is for evaluation and export.
   * @param facts what to know of it when it is read
   * @throws UnlabelError `INVALID_OPTION` for a run without a store, `NON_FINITE_LOSS`, `CHECKPOINT_WRITE_FAILED`
   */
  keep(name: string, facts: CheckpointFacts): Promise<void>;
  /** The facts of the checkpoint `name`, if there is one and it is whole. @throws UnlabelError `INVALID_OPTION` as `keep` */
  kept(name: string): Promise<CheckpointFacts | undefined>;
}

/** Watches a run. */
export interface Callback {
  readonly name: string;
  /** Awaited before the next step. */
  onEvent(event: TrainingEvent, run: RunHandle): void | Promise<void>;
}
