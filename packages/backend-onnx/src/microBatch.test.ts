import {
  cpu,
  type Encoder,
  hostTensor,
  initialise,
  layerContext,
  lossAndGradients,
  microBatched,
  randomStream,
  sizeOf,
  tf,
} from '@unlabel/core';
import { vit } from '@unlabel/models';
import { expect, test } from 'vitest';
import { disagreements, type StepCase, traceOn } from './againstEager';
import { onnx } from './onnx';

const shape = [7, 8, 8, 2] as const;
const encoder = vit({ inputShape: [8, 8, 2], patchSize: 4, dim: 8, depth: 2, heads: 2, dropPath: 0.5 });
const { normal } = randomStream([5, 'microBatch.test']);

/** The sum of the sines of shifted features, and its gradients. */
function gradients({ apply, variables }: Encoder): StepCase {
  return {
    step: ({ state, inputs: { images = tf.zeros([...shape]) }, random }) => {
      const { loss, gradients } = lossAndGradients(() => {
        const { context } = layerContext(state, { training: true, random });
        return { loss: tf.sum<tf.Scalar>(tf.sin(tf.add(apply(images, context), 1))), extra: {} };
      }, state);
      return { outputs: { loss, ...gradients } };
    },
    state: initialise(variables, 2),
    inputs: { images: hostTensor(Float32Array.from({ length: sizeOf(shape) }, normal), shape) },
  };
}

test('a ViT in parts, with skipped branches, has the gradients of the whole batch on the eager backend', async () => {
  const whole = gradients(encoder);
  const parts = { ...gradients(microBatched(encoder, 3)), state: whole.state ?? {}, inputs: whole.inputs ?? {} };
  const [eager, captured] = await Promise.all([traceOn(cpu(), whole), traceOn(onnx({ thread: 'main' }), parts)]);
  expect(disagreements(eager.outputs[0] ?? {}, captured.outputs[0] ?? {}, 1e-4)).toEqual([]);
});

test('sessions on a CPU say that micro-batches pay', async () => {
  const session = await onnx({ thread: 'main' }).open();
  expect(session.microBatchBytes).toBeGreaterThan(1e6);
  await session.dispose();
});
