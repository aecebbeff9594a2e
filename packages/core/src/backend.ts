import type { HostTensors, TensorSpecs } from './hostTensor';
import type { RandomKey } from './random';
import type { tf } from './tf';
import type { ViewPipeline } from './views';

/** tfjs tensors by name. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/**
 * Randomness inside a step. Each draw has a name that is unique within the step; its values are a function of the run's
 * seed, the step number and the name, so every backend sees the same ones. A capturing backend turns each draw into an
 * input of the graph; `Math.random`, `tf.randomNormal` and `tf.dropout` would be frozen into it and are refused.
 */
export interface StepRandom {
  /** Standard normal values, float32. */
  normal(name: string, shape: readonly number[]): tf.Tensor;
  /** Uniform values in [0, 1), float32. */
  uniform(name: string, shape: readonly number[]): tf.Tensor;
}

/** What a step is given. */
export interface StepArguments {
  /** Parameters, running statistics, optimizer slots, queues: all that survives from step to step. */ readonly state: NamedTensors;
  /** The batch, and scalars such as the learning rate. */ readonly inputs: NamedTensors;
  readonly random: StepRandom;
}

/** What a step gives back. */
export interface StepResult<Outputs extends string = string> {
  /** Small tensors that JavaScript wants to see: the loss, its terms, features. */ readonly outputs: Readonly<
    Record<Outputs, tf.Tensor>
  >;
  /** New values of state entries, shape and dtype unchanged; entries left out keep their value. */ readonly state?: NamedTensors;
}

/**
 * One pure function of state, inputs and random draws, in plain tfjs ops. Rules: no `dataSync` or other reading of
 * values, no randomness of JavaScript's own, no shape that depends on values, no tensors from outside.
 */
export type Step<Outputs extends string = string> = (args: StepArguments) => StepResult<Outputs>;

/** Shapes and dtypes that a step is compiled for. */
export interface StepSignature {
  readonly inputs: TensorSpecs;
  /** The state entries that the step reads or writes; a subset of the {@link ResidentState} it will run on. */ readonly state: TensorSpecs;
}

/** State that lives where the backend computes, and stays there between steps. */
export interface ResidentState {
  readonly specs: TensorSpecs;
  /** Copies values out; all entries unless `names` are given. */
  read(names?: readonly string[]): Promise<HostTensors>;
  /**
   * Replaces the values of existing entries.
   * @throws UnlabelError `VARIABLE_MISSING`, `SHAPE_MISMATCH`
   */
  write(values: HostTensors): Promise<void>;
  dispose(): void;
}

/** Inputs of a step that are made where it runs, when it runs. */
export interface DeviceInputs {
  /** What will be made. */ readonly specs: TensorSpecs;
  /** Makes them: called once, by the run of the step, which disposes of them. */
  make(): NamedTensors;
}

/** Renders a pipeline's views where the steps of a session run. */
export interface DeviceViews<Parameters = unknown, Sample = unknown> {
  /**
   * @param samples a batch, 1 or more
   * @param parameters what the pipeline drew for each sample
   * @returns the pipeline's outputs, with the batch axis in front
   */
  render(samples: readonly Sample[], parameters: readonly Parameters[]): NamedTensors;
}

/** A step ready to run, any number of times, on any state that has the entries of its signature. */
export interface CompiledStep<Outputs extends string = string> {
  /**
   * Runs the step once and moves `state` to its next value.
   * @param random key of this run of the step, such as `[seed, 'step', 17]`
   * @param onDevice inputs beside `inputs`, made by the same session
   */
  run(
    state: ResidentState,
    inputs: HostTensors,
    random: RandomKey,
    onDevice?: DeviceInputs,
  ): Promise<Record<Outputs, HostTensors[string]>>;
  /** Runs that were asked for before still end; none may be asked for after. */ dispose(): void;
}

/** Memory in use. */
export interface MemoryReport {
  /** Bytes held in tensors, where the backend knows. */ readonly bytes: number | undefined;
  /** Live tensors, where the backend knows. */ readonly tensors: number | undefined;
  /** Bytes taken on the device, those kept for tensors to come included, where the backend knows. */ readonly deviceBytes?: number;
}

/** An open backend. */
export interface BackendSession {
  readonly backend: string;
  /** The tfjs backend name that eager ops use while the session is open. */ readonly eager: string;
  /** Bytes that one activation of a micro-batch should fit in, where micro-batches pay: in caches. */ readonly microBatchBytes?: number;
  createState(initial: HostTensors): Promise<ResidentState>;
  compile<Outputs extends string>(step: Step<Outputs>, signature: StepSignature): Promise<CompiledStep<Outputs>>;
  /** Renders views as the pipeline itself does, on the device; `undefined` for a pipeline that it cannot render. */
  views?<Parameters>(pipeline: ViewPipeline<Parameters, unknown>): DeviceViews<Parameters> | undefined;
  memory(): MemoryReport;
  /** Gives back memory that is kept for tensors to come, where the backend keeps any. */ trim?(): void;
  dispose(): Promise<void>;
}

/** Whether a backend can run on this machine. */
export type Availability =
  | {
      readonly available: true;
      /** Device, version, threads. */ readonly detail: string;
      /** Whether it is a GPU's driver that computes on the CPU: right, slow, and the last choice of `auto`. */
      readonly software?: boolean;
    }
  | { readonly available: false; readonly reason: string /** What to do. */; readonly fix: string };

/** What sessions are opened with. */
export interface BackendOptions {
  /** Threads to compute with; default: the backend's own choice, usually every core. */ readonly threads?: number;
}

/** A way to run steps. */
export interface Backend {
  readonly name: string;
  /** Never throws. */
  probe(): Promise<Availability>;
  /** @throws UnlabelError `BACKEND_UNAVAILABLE` with the reason and the fix that `probe` gives */
  open(options?: BackendOptions): Promise<BackendSession>;
}
