import { cpu, type Encoder, type HostTensors, hostTensor, randomStream, sizeOf } from '@unlabel/core';
import type { InferenceSession } from 'onnxruntime-node';
import { loadOnnxRuntime } from '../runtime/onnxRuntime';
import { fromOnnx, toOnnx } from '../runtime/residentState';
import { encoderState, encodeStep, exportedNames } from './exportOnnx';

/** How to check a file. */
export interface VerifyOnnxOptions {
  /** Batch sizes to try (default 1, 2 and 5, or the file's own where it is fixed). */ readonly batches?: readonly number[];
}

/** How an exported file compares with the encoder that it came from. */
export interface OnnxVerification {
  readonly batches: readonly number[];
  /** Largest difference of a feature, relative to the largest feature; about 1e-6 is rounding. */ readonly difference: number;
}

/**
 * Runs an exported file in ONNX Runtime and the encoder on tfjs's `cpu` backend, on the same random inputs.
 * @param file what {@link exportOnnx} returned
 * @throws UnlabelError `PEER_MISSING`, `BACKEND_UNAVAILABLE`
 */
export async function verifyOnnx(
  file: Uint8Array,
  encoder: Encoder,
  weights: HostTensors,
  options: VerifyOnnxOptions = {},
): Promise<OnnxVerification> {
  const runtime = await loadOnnxRuntime();
  const session = await runtime.InferenceSession.create(file);
  const { batches = batchesOf(session) } = options;
  const differences: number[] = [];
  for (const batch of batches) {
    const input = randomInput([batch, ...encoder.inputShape]);
    const results = await session.run({ [exportedNames.input]: toOnnx(runtime, input) });
    const features = results[exportedNames.output];
    const expected = await eagerFeatures(encoder, weights, input);
    differences.push(features ? difference(expected, fromOnnx('features', features).data) : Number.POSITIVE_INFINITY);
  }
  await session.release();
  return { batches, difference: Math.max(...differences) };
}

/** Sizes that a file takes: those around the ones that it was captured with, or its only one. */
function batchesOf({ inputMetadata: [input] }: InferenceSession): readonly number[] {
  const fixed = input?.isTensor ? input.shape[0] : undefined;
  return typeof fixed === 'number' ? [fixed] : [1, 2, 5];
}

async function eagerFeatures(
  encoder: Encoder,
  weights: HostTensors,
  input: HostTensors[string],
): Promise<ArrayLike<number>> {
  const session = await cpu().open();
  const initial = encoderState(encoder, weights);
  const state = await session.createState(initial);
  const compiled = await session.compile(encodeStep(encoder), { state: state.specs, inputs: { input } });
  const { features } = await compiled.run(state, { input }, [0, 'verify']);
  compiled.dispose();
  state.dispose();
  await session.dispose();
  return features.data;
}

function randomInput(shape: readonly number[]): HostTensors[string] {
  const stream = randomStream([0, 'verify', ...shape]);
  return hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);
}

function difference(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  if (expected.length !== actual.length) return Number.POSITIVE_INFINITY;
  const largest = Math.max(...Array.from(expected, Math.abs));
  const apart = Array.from(expected, (feature, index) => Math.abs(feature - (actual[index] ?? Number.NaN)));
  return apart.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...apart) / largest;
}
