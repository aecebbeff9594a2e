import {
  type CompiledStep,
  drawStepRandom,
  type HostTensor,
  type HostTensors,
  type RandomKey,
  type ResidentState,
  sizeOf,
  type TensorSpec,
} from '@unlabel/core';
import type { Tensor } from 'onnxruntime-node';
import { graphName } from '../capture/lowerRecording';
import { type OnnxRuntime, sessionOptions } from './onnxRuntime';
import { type OnnxState, onnxState, onnxStateOf, requireSpec, toOnnx } from './residentState';
import type { StepProgram } from './stepProgram';
import { runUnreturned, withUnreturnedOutput } from './unreturned';

/** What runs captured steps and keeps their state: ONNX Runtime in this thread, or one in another. */
export interface Engine {
  /** Channels in a block of ONNX Runtime's own image order, 1 where it has none. */ readonly imageBlock: number;
  /** Whether runs take inputs that tfjs makes on the engine's device; otherwise they must be on the host. */
  readonly takesDeviceInputs?: boolean;
  createState(initial: HostTensors): Promise<ResidentState>;
  prepare<Outputs extends string>(program: StepProgram<Outputs>): Promise<CompiledStep<Outputs>>;
  /** Bytes that states hold. */ bytes(): number;
  dispose(): Promise<void>;
}

/** How an engine is set up. */
export interface EngineOptions {
  /** Threads that one step computes with. */ readonly threads: number;
  /** As the engine's. */ readonly imageBlock: number;
}

/** ONNX Runtime in this thread, which a running step blocks. */
export function openEngine(runtime: OnnxRuntime, { threads, imageBlock }: EngineOptions): Engine {
  const states = new Set<OnnxState>();
  const steps = new Set<CompiledStep>();
  return {
    imageBlock,
    createState: async (initial) => {
      const state = onnxState(runtime, initial);
      states.add(state);
      return state;
    },
    prepare: async (program) => {
      const prepared = await prepareStep(runtime, threads, program);
      const dispose = () => {
        if (steps.delete(step)) prepared.dispose();
      };
      const step: typeof prepared = { run: prepared.run, dispose };
      steps.add(step);
      return step;
    },
    bytes: () => [...states].reduce((sum, state) => sum + state.bytes(), 0),
    dispose: async () => {
      for (const step of steps) step.dispose();
      for (const state of states) state.dispose();
    },
  };
}

async function prepareStep<Outputs extends string>(
  runtime: OnnxRuntime,
  threads: number,
  program: StepProgram<Outputs>,
): Promise<CompiledStep<Outputs>> {
  const model = withUnreturnedOutput(program.model);
  const session = await runtime.InferenceSession.create(model, sessionOptions(threads));
  let runs: Promise<unknown> = Promise.resolve();
  return {
    run: async (resident, inputs, key) => {
      const state = onnxStateOf(resident);
      const run = state.inTurn(async () => {
        const feeds = feedsOf(runtime, program, state, inputs, key);
        const outputs = emptyTensors(program.outputs);
        const fetches: Record<string, Tensor> = {};
        for (const [name, output] of Object.entries<HostTensor>(outputs))
          fetches[graphName.output(name)] = toOnnx(runtime, output);
        for (const name of program.nextState) fetches[graphName.nextState(name)] = state.spare(name);
        await runUnreturned(session, feeds, fetches);
        state.advance(program.nextState);
        return outputs;
      });
      runs = Promise.allSettled([runs, run]).then(() => undefined);
      return run;
    },
    dispose: () => void runs.then(() => session.release()), // after those that still wait for their turn
  };
}

/** Inputs that are on the device already. */
export type DeviceTensors = Readonly<Record<string, TensorSpec & { readonly tensor: Tensor }>>;

/** Everything that the graph reads: state, batch, and this run's random draws. */
export function feedsOf(
  runtime: OnnxRuntime,
  program: StepProgram,
  state: Pick<OnnxState, 'specs' | 'current'>,
  inputs: HostTensors,
  key: RandomKey,
  onDevice: DeviceTensors = {},
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const [name, spec] of Object.entries(program.state)) {
    requireSpec(name, spec, state.specs[name]);
    feeds[graphName.state(name)] = state.current(name);
  }
  for (const [name, spec] of Object.entries(program.inputs)) {
    const made = onDevice[name];
    const given = made ?? inputs[name];
    requireSpec(name, spec, given);
    if (made) feeds[graphName.input(name)] = made.tensor;
    else if (inputs[name]) feeds[graphName.input(name)] = toOnnx(runtime, inputs[name]);
  }
  for (const [name, { kind, shape }] of Object.entries(program.draws)) {
    const data = drawStepRandom(kind, key, name, shape);
    feeds[graphName.draw(name)] = toOnnx(runtime, { dtype: 'float32', shape, data });
  }
  return feeds;
}

/** Room for outputs, which are the caller's once they are computed. */
function emptyTensors<Names extends string>(specs: Readonly<Record<Names, TensorSpec>>): Record<Names, HostTensor> {
  const tensors = Object.entries<TensorSpec>(specs).map(([name, spec]) => [name, emptyTensor(spec)] as const);
  return Object.fromEntries(tensors) as Record<Names, HostTensor>; // the names of the specs
}

function emptyTensor({ dtype, shape }: TensorSpec): HostTensor {
  const size = sizeOf(shape);
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(size) };
  return dtype === 'int32'
    ? { dtype, shape, data: new Int32Array(size) }
    : { dtype, shape, data: new Uint8Array(size) };
}
