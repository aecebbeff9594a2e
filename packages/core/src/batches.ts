import type { DeviceInputs } from './backend';
import type { HostTensors, TensorSpecs } from './hostTensor';

/** One training batch. */
export interface Batch {
  /** `views/0`, `views/1`, … each `[batch, ...shape]`, perhaps in memory that threads share; `labels`, int32 `[batch]`, if asked for. */ readonly inputs: HostTensors;
  /** Those of them that the session makes where it computes, when the step runs. */ readonly onDevice?: DeviceInputs;
  /** Which samples these are. */ readonly indices: Int32Array;
}

/** A sample that could not be read, and was replaced by another of the same epoch. */
export interface UnreadableSample {
  readonly index: number;
  readonly name: string;
  readonly reason: string;
}

/** A seeded, resumable source of batches: what a loader is to the training loop. */
export interface BatchSource {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  /** Samples in an epoch. */ readonly samples: number;
  /** Specs of all inputs of a batch. */ readonly specs: TensorSpecs;
  /** Identity of data, views and batching: a resumed run refuses another. */ readonly fingerprint: string;
  /** The batches of an epoch in its seeded order, from batch `from` on; the same (seed, epoch) gives the same batches. */
  epoch(epoch: number, from?: number): AsyncIterable<Batch>;
  /** Samples skipped so far. */ readonly unreadable: readonly UnreadableSample[];
  /** Worker threads that crashed and were replaced so far (default 0). */ readonly workerCrashes?: number;
  /** Seconds that the consumer has waited for batches. */ readonly waitedSeconds: number;
  dispose(): Promise<void>;
}
