import type { HostTensor, TensorSpec } from '@unlabel/core';
import type { Site } from './site';

/** A tensor of the recorded step: a shape without values. Compared by identity. */
export interface Recorded extends TensorSpec {
  /** Its place among the recorded tensors. */ readonly index: number;
}

/** One call of a tfjs kernel. */
export interface RecordedCall {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Recorded>> | readonly Recorded[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly Recorded[];
  /** Where it was made, if sites were asked for. */ readonly site?: Site;
}

/** Values that the step made. */
export interface RecordedConstant {
  readonly host: HostTensor;
  /** The number that every element is, if they are all the same. */ readonly number: number | undefined;
}

/** A draw of randomness that the step asked for. */
export interface RecordedDraw {
  readonly kind: 'normal' | 'uniform';
  readonly tensor: Recorded;
}

/** All that a step did, in the order in which it did it. */
export interface Recording {
  readonly state: Readonly<Record<string, Recorded>>;
  readonly inputs: Readonly<Record<string, Recorded>>;
  /** By the name that the step gave. */ readonly draws: ReadonlyMap<string, RecordedDraw>;
  readonly constants: ReadonlyMap<Recorded, RecordedConstant>;
  readonly calls: readonly RecordedCall[];
  /** What the step returned. */ readonly outputs: Readonly<Record<string, Recorded>>;
  /** The state entries that the step changed. */ readonly nextState: Readonly<Record<string, Recorded>>;
}
