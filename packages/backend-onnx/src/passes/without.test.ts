import {
  cpu,
  type Encoder,
  type HostTensors,
  hostTensor,
  initialise,
  type LayerContext,
  layerContext,
  lossAndGradients,
  type NamedTensors,
  randomStream,
  sizeOf,
  tf,
} from '@unlabel/core';
import { ntXentLoss } from '@unlabel/losses-contrastive';
import { mlp, resnet, vit } from '@unlabel/models';
import { beforeAll, describe, expect, test } from 'vitest';
import { disagreements, type StepCase, type StepTrace, traceOn } from '../againstEager';
import { explain } from '../explain/explain';
import { onnx } from '../onnx';
import { type PassName, passNames } from './passNames';

const inputShape = [8, 8, 2] as const;
const stream = randomStream([11, 'without.test']);
const normal = (...shape: number[]) => hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);

/** A step whose outputs are a loss of the encoder's features and the gradients of all its parameters. */
function gradients(encoder: Encoder, loss: (features: tf.Tensor2D) => tf.Scalar): StepCase {
  const { variables } = encoder;
  const named = (tensors: NamedTensors) =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => variables[name]?.trainable));
  const features = (images: tf.Tensor | undefined, context: LayerContext) =>
    encoder.apply(images ?? tf.zeros([6, ...inputShape]), context);
  return {
    step: ({ state, inputs, random }) => {
      const { context } = layerContext(state, { training: true, random });
      const result = lossAndGradients(
        () => ({ loss: loss(features(inputs.images, context)), extra: {} }),
        named(state),
      );
      return { outputs: { loss: result.loss, ...result.gradients } };
    },
    state: initialise(variables, 1),
    inputs: { images: normal(6, ...inputShape) },
  };
}

const sines = (features: tf.Tensor2D) => tf.sum<tf.Scalar>(tf.sin(features));

const cases: Readonly<Record<string, StepCase>> = {
  'convolutions with batch norm': gradients(
    resnet({ inputShape, stem: 'small-image', blocks: [1, 1], widths: [4, 6], strides: [1, 2] }),
    sines,
  ),
  'a transformer': gradients(vit({ inputShape, patchSize: 4, dim: 8, depth: 1, heads: 2 }), sines),
  'NT-Xent': gradients(mlp({ inputShape, hidden: [12], outputDim: 6 }), (features) => {
    const [z0 = features, z1 = features] = tf.split<tf.Tensor2D>(features, 2);
    return ntXentLoss(z0, z1, { temperature: 0.2 });
  }),
};

describe.each(Object.entries(cases))('%s', (_, stepCase) => {
  let eager: StepTrace;
  beforeAll(async () => {
    eager = await traceOn(cpu(), stepCase);
  });

  test.each(passNames.map((name) => [name]))('has the same gradients without %s', async (name) => {
    const captured = await traceOn(onnx({ threads: 1, without: [name] }), stepCase);
    expect(disagreements(significant(eager.outputs[0]), captured.outputs[0] ?? {}, 1e-4)).toEqual([]);
  });

  test('has the same gradients with nothing turned off, and with everything', async () => {
    for (const without of [[], passNames]) {
      const captured = await traceOn(onnx({ threads: 1, without }), stepCase);
      expect(disagreements(significant(eager.outputs[0]), captured.outputs[0] ?? {}, 1e-4)).toEqual([]);
    }
  });

  test('needs more nodes or more memory with everything turned off', () => {
    const { step, state = {}, inputs = {} } = stepCase;
    const [all, none] = [[], passNames].map((without) => explain(step, { state, inputs }, { without }).after);
    expect(none?.nodes).toBeGreaterThan(all?.nodes ?? Number.POSITIVE_INFINITY);
    expect(none?.written).toBeGreaterThan(all?.written ?? Number.POSITIVE_INFINITY);
  });
});

/** Gradients that are 0 but for rounding cannot be compared by their own size. */
function significant(outputs: HostTensors = {}): HostTensors {
  return Object.fromEntries(Object.entries(outputs).filter(([, { data }]) => Math.max(...data.map(Math.abs)) > 1e-4));
}

test('without image layout there are more transposes, without lazy broadcasts more copies, without splats more to read', () => {
  const { step, state = {}, inputs = {} } = cases['convolutions with batch norm'] ?? {};
  if (!step) throw new Error('The case is missing.');
  const left = (...without: PassName[]) => explain(step, { state, inputs }, { without }).after;
  const whole = left();
  const count = ({ operators }: typeof whole, name: string) => operators[name]?.nodes ?? 0;
  expect(count(left('imageLayout'), 'Transpose')).toBeGreaterThan(count(whole, 'Transpose'));
  expect(count(left('lazyBroadcast'), 'Expand')).toBeGreaterThan(count(whole, 'Expand'));
  expect(left('splats').read).toBeGreaterThan(whole.read);
});
