import {
  type CompiledStep,
  drawStepRandom,
  type HostTensor,
  type HostTensors,
  type RandomKey,
  type ResidentState,
  UnlabelError,
} from '@unlabel/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { graphName } from '../capture/lowerRecording';
import { type OnnxRuntime, sessionOptions } from './onnxRuntime';
import { fromOnnx, type OnnxState, onnxState, onnxStateOf, requireSpec, toOnnx } from './residentState';
import type { StepProgram } from './stepProgram';

/** What runs captured steps and keeps their state: ONNX Runtime in this thread, or one in another. */
export interface Engine {
  createState(initial: HostTensors): Promise<ResidentState>;
  prepare<Outputs extends string>(program: StepProgram<Outputs>): Promise<CompiledStep<Outputs>>;
  /** Bytes that states hold. */ bytes(): number;
  dispose(): Promise<void>;
}

/** ONNX Runtime in this thread, which a running step blocks. */
export function openEngine(runtime: OnnxRuntime, threads: number): Engine {
  const states = new Set<OnnxState>();
  const steps = new Set<CompiledStep>();
  return {
    createState: async (initial) => {
      const state = onnxState(runtime, initial);
      states.add(state);
      return state;
    },
    prepare: async (program) => {
      const prepared = await prepareStep(runtime, threads, program);
      steps.add(prepared);
      return prepared;
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
  const session = await runtime.InferenceSession.create(program.model, sessionOptions(threads));
  let disposed = false;
  return {
    run: async (resident, inputs, key) => {
      const state = onnxStateOf(resident);
      const feeds = feedsOf(runtime, program, state, inputs, key);
      const fetches: Record<string, Tensor | null> = {};
      for (const name of program.outputs) fetches[graphName.output(name)] = null;
      for (const name of program.nextState) fetches[graphName.nextState(name)] = state.spare(name);
      const results = await session.run(feeds, fetches);
      state.advance(program.nextState);
      return outputsOf(program, results);
    },
    dispose: () => {
      if (!disposed) void session.release();
      disposed = true;
    },
  };
}

/** Everything that the graph reads: state, batch, and this run's random draws. */
function feedsOf(
  runtime: OnnxRuntime,
  program: StepProgram,
  state: OnnxState,
  inputs: HostTensors,
  key: RandomKey,
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const [name, spec] of Object.entries(program.state)) {
    requireSpec(name, spec, state.specs[name]);
    feeds[graphName.state(name)] = state.current(name);
  }
  for (const [name, spec] of Object.entries(program.inputs)) {
    const given = inputs[name];
    requireSpec(name, spec, given);
    if (given) feeds[graphName.input(name)] = toOnnx(runtime, given);
  }
  for (const [name, { kind, shape }] of Object.entries(program.draws)) {
    const data = drawStepRandom(kind, key, name, shape);
    feeds[graphName.draw(name)] = toOnnx(runtime, { dtype: 'float32', shape, data });
  }
  return feeds;
}

function outputsOf<Outputs extends string>(
  program: StepProgram<Outputs>,
  results: InferenceSession.OnnxValueMapType,
): Record<Outputs, HostTensor> {
  const outputs = program.outputs.map((name) => {
    const tensor = results[graphName.output(name)];
    if (!tensor) throw new UnlabelError('VARIABLE_MISSING', `ONNX Runtime returned no output ${name}.`);
    return [name, fromOnnx(name, tensor)] as const;
  });
  return Object.fromEntries(outputs) as Record<Outputs, HostTensor>; // the program's own output names
}
