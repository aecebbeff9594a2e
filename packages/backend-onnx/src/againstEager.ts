import {
  type Backend,
  cpu,
  type HostTensor,
  type HostTensors,
  type RandomKey,
  type Step,
  specsOf,
} from '@unlabel/core';
import { onnx } from './onnx';

/** What a step gave on one backend: its outputs of every run, and the state after the last. */
export interface StepTrace {
  readonly outputs: readonly HostTensors[];
  readonly state: HostTensors;
}

/** A step with everything it needs to run. */
export interface StepCase {
  readonly step: Step;
  readonly state?: HostTensors;
  readonly inputs?: HostTensors;
  /** How often to run it (default 1). */ readonly runs?: number;
}

/** Runs a step on tfjs's cpu backend and on ONNX Runtime, with the same state, inputs and random draws. */
export async function onBoth(stepCase: StepCase): Promise<{ readonly eager: StepTrace; readonly onnx: StepTrace }> {
  const eager = await traceOn(cpu(), stepCase);
  return { eager, onnx: await traceOn(onnx({ threads: 2, thread: 'main' }), stepCase) };
}

/** The largest difference between two tensors, relative to the largest magnitude of the first (at least 1e-3). */
export function relativeDifference(expected: HostTensor, actual: HostTensor | undefined): number {
  if (!actual || actual.dtype !== expected.dtype || actual.shape.join() !== expected.shape.join())
    return Number.POSITIVE_INFINITY;
  let largest = 1e-3;
  let difference = 0;
  expected.data.forEach((value, index) => {
    const other = actual.data[index] ?? Number.NaN;
    if (Object.is(value, other)) return;
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Number.isNaN(value - other) ? Number.POSITIVE_INFINITY : Math.abs(value - other));
  });
  return difference / largest;
}

/** The names of tensors that differ by more than `tolerance`, with the difference: empty when the two agree. */
export function disagreements(expected: HostTensors, actual: HostTensors, tolerance: number): readonly string[] {
  return Object.entries(expected).flatMap(([name, tensor]) => {
    const difference = relativeDifference(tensor, actual[name]);
    return difference <= tolerance ? [] : [`${name}: ${difference}`];
  });
}

/** Runs a step on one backend. */
export async function traceOn(
  backend: Backend,
  { step, state = {}, inputs = {}, runs = 1 }: StepCase,
): Promise<StepTrace> {
  const session = await backend.open();
  const resident = await session.createState(state);
  const compiled = await session.compile(step, { state: specsOf(state), inputs: specsOf(inputs) });
  const outputs: HostTensors[] = [];
  for (let run = 0; run < runs; run++) {
    const key: RandomKey = [1, 'step', run];
    outputs.push(await compiled.run(resident, inputs, key));
  }
  const after = await resident.read();
  compiled.dispose();
  resident.dispose();
  await session.dispose();
  return { outputs, state: after };
}
