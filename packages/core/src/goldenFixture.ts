// For tests of this package alone: testkit, which reads whole golden files, depends on core.
import { expect } from 'vitest';
import type { NamedTensors, StepRandom } from './backend';
import { drawStepRandom } from './backends/eager';
import { lossAndGradients } from './gradients';
import { type LayerContext, layerContext } from './nn/layer';
import { tf } from './tf';

/** A tensor of a golden file. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** The tensor's values in float32. */
export function fromGolden({ data, shape }: GoldenTensor): tf.Tensor {
  return tf.tensor([...data], [...shape]);
}

/** Fails where a value is further off than `ofMax` times the largest expected one, plus 1e-7. */
export function expectGolden(actual: tf.Tensor | undefined, expected: GoldenTensor, ofMax: number): void {
  const values = Array.from(actual?.dataSync() ?? []);
  expect(values).toHaveLength(expected.data.length);
  const errors = expected.data.map((value, index) => Math.abs((values[index] ?? Number.NaN) - value));
  expect(Math.max(...errors)).toBeLessThanOrEqual(ofMax * Math.max(...expected.data.map(Math.abs)) + 1e-7);
}

/** Draws as a step's would be, all under one key. */
export const fixtureRandom: StepRandom = {
  normal: (name, shape) => tf.tensor(drawStepRandom('normal', [0], name, shape), [...shape]),
  uniform: (name, shape) => tf.tensor(drawStepRandom('uniform', [0], name, shape), [...shape]),
};

/** A training context over `values`, differentiated: what `apply` gave, its gradients and the layers' updates. */
export function differentiated(
  values: NamedTensors,
  apply: (context: LayerContext) => tf.Tensor,
  lossOf: (output: tf.Tensor) => tf.Scalar,
): { readonly output: tf.Tensor | undefined; readonly gradients: NamedTensors; readonly updates: NamedTensors } {
  const { extra, gradients } = lossAndGradients(() => {
    const { context, updates } = layerContext(values, { training: true, random: fixtureRandom });
    const output = apply(context);
    return { loss: lossOf(output), extra: { output, ...updates } };
  }, values);
  const { output, ...updates } = extra;
  return { output, gradients, updates };
}
