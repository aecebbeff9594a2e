import {
  type HostTensor,
  type HostTensors,
  lossAndGradients,
  type NamedTensors,
  type RandomStream,
  randomStream,
  type Step,
  sizeOf,
  tf,
} from '@unlabel/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { disagreements, onBoth } from '../againstEager';
import { recordStep } from '../capture/recordStep';
import type { Kernels } from './kernel';

/** A tensor for a case: its shape, and where its values come from. */
export interface CaseInput {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly draw: (stream: RandomStream) => number;
}

type Compute = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor, e: tf.Tensor) => tf.Tensor | tf.Tensor[];

/** One call to compare. */
export interface Plan {
  /** Up to five. */ readonly inputs: readonly CaseInput[];
  readonly compute: Compute;
  /** Whether to compare the gradients of the float inputs, too (default true; tfjs lacks some). */
  readonly gradient?: boolean;
  /** What the plan was made of, for the report of a failure. */ readonly drawn?: unknown;
  /** Largest difference relative to the largest element (default 2e-5). */ readonly tolerance?: number;
}

/** A family of calls, drawn by fast-check. */
export interface KernelCase {
  readonly title: string;
  readonly plans: fc.Arbitrary<Plan>;
}

/** Numbers around 0. */
export function normal(shape: readonly number[]): CaseInput {
  return { shape, dtype: 'float32', draw: (stream) => stream.normal() };
}

/** Numbers from 0.2 to 1.2. */
export function positive(shape: readonly number[]): CaseInput {
  return { shape, dtype: 'float32', draw: (stream) => 0.2 + stream.uniform() };
}

/** Whole numbers from `low` (default 0) to `below` − 1. */
export function whole(below: number, shape: readonly number[], low = 0): CaseInput {
  return { shape, dtype: 'int32', draw: (stream) => low + stream.integer(below - low) };
}

/** A case whose plans depend on what `arbitrary` draws. */
export function kernelCase<T>(title: string, arbitrary: fc.Arbitrary<T>, plan: (drawn: T) => Plan): KernelCase {
  return { title, plans: arbitrary.map((drawn) => ({ ...plan(drawn), drawn })) };
}

/** Shapes of `minimum` to `maximum` axes. */
export function shapes(minimum: number, maximum: number, longest = 4): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: longest }), { minLength: minimum, maxLength: maximum });
}

/** A shape of `minimum` to `maximum` axes, and one of its axes. */
export function shapeAndAxis(minimum: number, maximum: number): fc.Arbitrary<{ shape: number[]; axis: number }> {
  return shapes(minimum, maximum).chain((shape) =>
    fc.integer({ min: 0, max: shape.length - 1 }).map((axis) => ({ shape, axis })),
  );
}

/**
 * Runs every case eagerly and captured, with gradients, and holds the cases to call every kernel of the family.
 * @param numRuns plans drawn for each case (default 10)
 */
export function describeKernels(family: Kernels, cases: readonly KernelCase[], numRuns = 10): void {
  describe('agrees with the eager backend, value and gradients', () => {
    test.each(cases.map(({ title, plans }) => [title, plans] as const))('%s', async (_, plans) => {
      await fc.assert(fc.asyncProperty(plans, expectAgreement), { numRuns, seed: 1 });
    });
  });
  test('every kernel of the family is called by a case', () => {
    const called = new Set(cases.flatMap(({ plans }) => fc.sample(plans, { numRuns, seed: 1 }).flatMap(calledKernels)));
    expect(Object.keys(family).filter((kernel) => !called.has(kernel))).toEqual([]);
  });
}

async function expectAgreement(plan: Plan): Promise<void> {
  const { eager, onnx } = await onBoth({ step: stepOf(plan), inputs: inputsOf(plan) });
  expect(disagreements(eager.outputs[0] ?? {}, onnx.outputs[0] ?? {}, plan.tolerance ?? 2e-5)).toEqual([]);
}

function calledKernels(plan: Plan): readonly string[] {
  return recordStep(stepOf(plan), { state: {}, inputs: inputsOf(plan) }).calls.map(({ kernel }) => kernel);
}

function inputsOf({ inputs }: Plan): HostTensors {
  const stream = randomStream([3, 'describeKernels']);
  return Object.fromEntries(inputs.map((input, index) => [`x${index}`, drawn(input, stream)]));
}

function drawn({ shape, dtype, draw }: CaseInput, stream: RandomStream): HostTensor {
  const length = sizeOf(shape);
  if (dtype === 'int32') return { dtype, shape, data: Int32Array.from({ length }, () => draw(stream)) };
  return { dtype, shape, data: Float32Array.from({ length }, () => draw(stream)) };
}

/** The results, and the gradient of a weighted sum of them. */
function stepOf({ compute, inputs: given, gradient = true }: Plan): Step {
  return ({ inputs }) => {
    const results = () => {
      const [a, b, c, d, e] = given.map((_, index) => inputs[`x${index}`]);
      const none = tf.scalar(0);
      const result = compute(a ?? none, b ?? none, c ?? none, d ?? none, e ?? none);
      return Array.isArray(result) ? result : [result];
    };
    const outputs = Object.fromEntries(results().map((result, index) => [`result${index}`, result]));
    if (!gradient) return { outputs };
    const floats = Object.fromEntries(Object.entries(inputs).filter(([, { dtype }]) => dtype === 'float32'));
    const { gradients } = lossAndGradients(() => ({ loss: tf.addN(results().map(weightedSum)), extra: {} }), floats);
    return { outputs: { ...outputs, ...prefixed(gradients) } };
  };
}

function weightedSum(tensor: tf.Tensor): tf.Scalar {
  const weights = Float32Array.from({ length: tensor.size }, (_, index) => Math.cos(index + 1));
  return tf.sum(tf.mul(tensor, tf.tensor(weights, tensor.shape)));
}

function prefixed(gradients: NamedTensors): NamedTensors {
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [`gradient/${name}`, gradient]));
}
