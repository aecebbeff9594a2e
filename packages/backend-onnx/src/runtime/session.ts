import {
  type BackendSession,
  type CompiledStep,
  drawStepRandom,
  type HostTensor,
  type HostTensors,
  type RandomKey,
  type Step,
  type StepSignature,
  UnlabelError,
} from '@unlabel/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { captureStep } from '../capture/captureStep';
import { graphName } from '../capture/lowerRecording';
import type { Recording } from '../capture/recording';
import { type OnnxRuntime, sessionOptions } from './onnxRuntime';
import { fromOnnx, type OnnxState, onnxState, onnxStateOf, requireSpec, toOnnx } from './residentState';

/**
 * A session that compiles steps to ONNX graphs.
 * @param eager the tfjs backend that ops outside of steps use
 */
export function openOnnxSession(runtime: OnnxRuntime, threads: number, eager: string): BackendSession {
  const states = new Set<OnnxState>();
  const steps = new Set<CompiledStep>();
  return {
    backend: 'onnx',
    eager,
    createState: async (initial) => {
      const state = onnxState(runtime, initial);
      states.add(state);
      return state;
    },
    compile: async (step, signature) => {
      const compiled = await compileStep(runtime, threads, step, signature);
      steps.add(compiled);
      return compiled;
    },
    memory: () => ({ bytes: [...states].reduce((sum, state) => sum + state.bytes(), 0), tensors: undefined }),
    dispose: async () => {
      for (const step of steps) step.dispose();
      for (const state of states) state.dispose();
    },
  };
}

/** Captures a step and prepares it to run. */
async function compileStep<Outputs extends string>(
  runtime: OnnxRuntime,
  threads: number,
  step: Step<Outputs>,
  signature: StepSignature,
): Promise<CompiledStep<Outputs>> {
  const { recording, model } = captureStep(step, signature);
  requireStateSpecs(recording);
  const session = await runtime.InferenceSession.create(model, sessionOptions(threads));
  const changed = Object.keys(recording.nextState);
  let disposed = false;
  return {
    run: async (resident, inputs, key) => {
      const state = onnxStateOf(resident);
      const feeds = feedsOf(runtime, recording, state, inputs, key);
      const fetches: Record<string, Tensor | null> = {};
      for (const name of Object.keys(recording.outputs)) fetches[graphName.output(name)] = null;
      for (const name of changed) fetches[graphName.nextState(name)] = state.spare(name);
      const results = await session.run(feeds, fetches);
      state.advance(changed);
      return outputsOf<Outputs>(recording, results);
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
  recording: Recording,
  state: OnnxState,
  inputs: HostTensors,
  key: RandomKey,
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const [name, spec] of Object.entries(recording.state)) {
    requireSpec(name, spec, state.specs[name]);
    feeds[graphName.state(name)] = state.current(name);
  }
  for (const [name, spec] of Object.entries(recording.inputs)) {
    const given = inputs[name];
    requireSpec(name, spec, given);
    if (given) feeds[graphName.input(name)] = toOnnx(runtime, given);
  }
  for (const [name, { kind, tensor }] of recording.draws) {
    const data = drawStepRandom(kind, key, name, tensor.shape);
    feeds[graphName.draw(name)] = toOnnx(runtime, { dtype: 'float32', shape: tensor.shape, data });
  }
  return feeds;
}

function outputsOf<Outputs extends string>(
  recording: Recording,
  results: InferenceSession.OnnxValueMapType,
): Record<Outputs, HostTensor> {
  const outputs = Object.keys(recording.outputs).map((name) => {
    const tensor = results[graphName.output(name)];
    if (!tensor) throw new UnlabelError('VARIABLE_MISSING', `ONNX Runtime returned no output ${name}.`);
    return [name, fromOnnx(name, tensor)] as const;
  });
  return Object.fromEntries(outputs) as Record<Outputs, HostTensor>; // the step's own output names
}

/** A step gives state back as it got it. */
function requireStateSpecs(recording: Recording): void {
  for (const [name, next] of Object.entries(recording.nextState)) {
    const previous = recording.state[name];
    if (!previous) {
      throw new UnlabelError(
        'VARIABLE_MISSING',
        `The step sets the state entry ${name}, which its signature does not list.`,
        {
          fix: `Known: ${Object.keys(recording.state).slice(0, 8).join(', ')}.`,
        },
      );
    }
    requireSpec(name, previous, next);
  }
}
