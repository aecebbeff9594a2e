import {
  type NamedTensors,
  type Step,
  type StepRandom,
  type StepSignature,
  type TensorSpec,
  tf,
  UnlabelError,
} from '@unlabel/core';
import { gradientError } from './gradientErrors';
import { withoutMathRandom } from './randomness';
import type { Recorded, RecordedDraw, Recording } from './recording';
import { RecordingBackend, recorderName, registerRecordingKernels } from './recordingBackend';

/** What to note down beside the calls. */
export interface RecordOptions {
  /** Where each call was made (default no: it takes time). */ readonly sites?: boolean;
}

/**
 * Runs a step once without values and notes down what it does. The tfjs backend that was active is active again after,
 * also when the step throws.
 * @throws UnlabelError `CAPTURE_VALUE_READ`, `CAPTURE_UNSUPPORTED_OP`, `CAPTURE_UNDECLARED_TENSOR`, `SHAPE_MISMATCH`
 */
export function recordStep(step: Step, signature: StepSignature, { sites = false }: RecordOptions = {}): Recording {
  const record = (backend: RecordingBackend) => withRecorder(backend, () => recordOn(backend, step, signature));
  try {
    return record(new RecordingBackend(sites));
  } catch (error) {
    throw gradientError(error, record);
  }
}

function recordOn(backend: RecordingBackend, step: Step, signature: StepSignature): Recording {
  const draws = new Map<string, RecordedDraw>();
  const state = placeholders(backend, signature.state);
  const inputs = placeholders(backend, signature.inputs);
  const result = step({ state, inputs, random: recordedRandom(backend, draws) });
  if (backend.refusedRead) throw backend.refusedRead;
  if (result instanceof Promise) throw asynchronous(result);
  return {
    state: recordedAll(backend, state),
    inputs: recordedAll(backend, inputs),
    draws,
    outputs: recordedAll(backend, result.outputs),
    nextState: recordedAll(backend, result.state ?? {}),
    constants: backend.constants,
    calls: backend.calls,
  };
}

/** What JavaScript lets through where TypeScript would not. */
function asynchronous(result: Promise<unknown>): UnlabelError {
  result.catch(() => undefined); // reported here
  return new UnlabelError('CAPTURE_VALUE_READ', 'The step is an async function, and returned a promise.', {
    fix: 'Make it an ordinary function: values do not exist while it is captured, so that there is nothing to wait for.',
  });
}

/** Everything in here is synchronous, so that no other code sees the recorder as the active backend. */
function withRecorder(backend: RecordingBackend, body: () => Recording): Recording {
  const previous = tf.engine().backendName;
  registerRecordingKernels();
  tf.registerBackend(recorderName, () => backend, 0);
  void tf.setBackend(recorderName);
  try {
    let recording: Recording | undefined;
    tf.tidy(() => {
      recording = withoutMathRandom(body);
    });
    if (recording) return recording;
    throw new Error('tf.tidy did not call the function.');
  } finally {
    if (previous) void tf.setBackend(previous);
    tf.removeBackend(recorderName);
  }
}

function placeholders(backend: RecordingBackend, specs: StepSignature['state']): Record<string, tf.Tensor> {
  for (const [name, spec] of Object.entries(specs)) requireWholeShape(name, spec);
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, backend.placeholder(spec)]));
}

/** @throws UnlabelError `SHAPE_MISMATCH` for extents that are left open */
function requireWholeShape(name: string, { shape }: TensorSpec): void {
  if (shape.every((extent) => Number.isInteger(extent) && extent >= 0)) return;
  const open = `The signature gives ${name} the shape ${JSON.stringify(shape)}.`;
  throw new UnlabelError('SHAPE_MISMATCH', open, {
    fix: 'A step is compiled for whole extents; compilePerSignature compiles it for each shape that comes.',
  });
}

function recordedAll(backend: RecordingBackend, tensors: NamedTensors): Record<string, Recorded> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, backend.recorded(tensor)]));
}

function recordedRandom(backend: RecordingBackend, draws: Map<string, RecordedDraw>): StepRandom {
  const draw = (kind: RecordedDraw['kind']) => (name: string, shape: readonly number[]) => {
    if (draws.has(name)) {
      throw new UnlabelError('DUPLICATE_NAME', `Two random draws of one step are called '${name}'.`, {
        fix: 'Give each its own name, or apply the layer under a scope of its own.',
      });
    }
    const tensor = backend.placeholder({ dtype: 'float32', shape });
    draws.set(name, { kind, tensor: backend.recorded(tensor) });
    return tensor;
  };
  return { normal: draw('normal'), uniform: draw('uniform') };
}
