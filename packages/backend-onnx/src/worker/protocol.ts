import type { HostTensors, RandomKey, UnlabelErrorCode } from '@unlabel/core';
import type { RuntimeSettings } from '../runtime/host';
import type { StepProgram } from '../runtime/stepProgram';

/** What an engine in another thread is asked to do. Whoever asks numbers states and steps. */
export type EngineRequest =
  | { readonly kind: 'open'; readonly settings: RuntimeSettings }
  | { readonly kind: 'createState'; readonly state: number; readonly initial: HostTensors }
  | { readonly kind: 'read'; readonly state: number; readonly names: readonly string[] | undefined }
  | { readonly kind: 'write'; readonly state: number; readonly values: HostTensors }
  | { readonly kind: 'disposeState'; readonly state: number }
  | { readonly kind: 'prepare'; readonly step: number; readonly program: StepProgram }
  | {
      readonly kind: 'run';
      readonly step: number;
      readonly state: number;
      readonly inputs: HostTensors;
      readonly key: RandomKey;
    }
  | { readonly kind: 'disposeStep'; readonly step: number };

/** A request on its way. */
export interface EngineCall {
  readonly id: number;
  /** Without one, the call only asks for a reply, which comes after those to all calls before it. */ readonly request?: EngineRequest;
}

/** The answer to the call of the same `id`. */
export interface EngineReply {
  readonly id: number;
  /** Outputs of a run, or state that was read. */ readonly tensors?: HostTensors;
  /** The inputs of a run: memory for those of another. */ readonly spent?: HostTensors;
  /** Bytes that states now hold. */ readonly bytes: number;
  /** The engine's, once it is open. */ readonly imageBlock?: number;
  readonly failure?: EngineFailure;
}

/** An error on its way: copying one to another thread leaves nothing but its message and stack. */
export interface EngineFailure {
  readonly error: unknown;
  /** Of an `UnlabelError`. */ readonly code?: UnlabelErrorCode;
  readonly fix?: string;
}

/** What the thread starts with. */
export interface EngineThreadData {
  /** The memory of the `Gate` of both threads. */ readonly gate: SharedArrayBuffer;
}
