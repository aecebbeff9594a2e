import {
  type HostTensors,
  hostScalar,
  hostTensor,
  lossAndGradients,
  type NamedTensors,
  randomStream,
  type Step,
  sizeOf,
  tf,
} from '@unlabel/core';
import { expect, test } from 'vitest';
import { disagreements, onBoth } from './againstEager';

const stream = randomStream([7, 'onnx.test']);
const normal = (...shape: number[]) =>
  hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()),
    shape,
  );

/** A step that descends the gradient of a loss. */
function descent(loss: (parameters: NamedTensors, inputs: NamedTensors) => tf.Scalar): Step {
  return ({ state, inputs }) => {
    const result = lossAndGradients(() => ({ loss: loss(state, inputs), extra: {} }), state);
    const rate = inputs.rate ?? tf.scalar(0.01);
    const moved = Object.entries(result.gradients).map(([name, gradient]) => {
      const parameter = state[name] ?? gradient;
      return [name, tf.sub(parameter, tf.mul(rate, gradient))] as const;
    });
    const gradients = Object.fromEntries(
      Object.entries(result.gradients).map(([name, gradient]) => [`gradient/${name}`, gradient]),
    );
    return { outputs: { loss: result.loss, ...gradients }, state: Object.fromEntries(moved) };
  };
}

async function expectAgreement(
  step: Step,
  state: HostTensors,
  inputs: HostTensors,
  tolerance: number,
  runs = 3,
): Promise<void> {
  const { eager, onnx } = await onBoth({ step, state, inputs, runs });
  for (const [run, outputs] of eager.outputs.entries()) {
    expect(disagreements(outputs, onnx.outputs[run] ?? {}, tolerance)).toEqual([]);
  }
  expect(disagreements(eager.state, onnx.state, tolerance)).toEqual([]);
}

test('trains an MLP as the eager backend does', async () => {
  const step = descent(({ w1, b1, w2 }, { images, labels }) => {
    if (!w1 || !b1 || !w2 || !images || !labels) throw new Error('unbound');
    const hidden = tf.relu(tf.add(tf.matMul(images, w1), b1));
    const logits = tf.logSoftmax(tf.matMul(hidden, w2));
    const target = tf.oneHot(tf.cast(labels, 'int32'), 3);
    return tf.neg(tf.mean(tf.sum(tf.mul(logits, target), 1)));
  });
  const state = { w1: normal(5, 7), b1: normal(7), w2: normal(7, 3) };
  const labels = { dtype: 'int32', shape: [4], data: Int32Array.of(0, 2, 1, 2) } as const;
  await expectAgreement(step, state, { images: normal(4, 5), labels, rate: hostScalar(0.1) }, 1e-5);
});

test('trains a small convolutional network with batch statistics as the eager backend does', async () => {
  const step = descent(({ kernel, second, scale }, { images }) => {
    if (!kernel || !second || !scale || !images) throw new Error('unbound');
    const first = tf.conv2d(images as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same');
    const { mean, variance } = tf.moments(first, [0, 1, 2]);
    const normalised = tf.mul(tf.mul(tf.sub(first, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale);
    const features = tf.conv2d(tf.relu(normalised) as tf.Tensor4D, second as tf.Tensor4D, 2, 1);
    return tf.mean(tf.square(tf.mean(tf.tanh(features), [1, 2])));
  });
  const state = { kernel: normal(3, 3, 2, 4), second: normal(3, 3, 4, 5), scale: normal(4) };
  await expectAgreement(step, state, { images: normal(3, 6, 6, 2) }, 1e-4);
});

test('draws the same random numbers as the eager backend', async () => {
  const step: Step = ({ random }) => ({
    outputs: { noise: random.normal('noise', [3, 2]), mask: random.uniform('mask', [4]) },
  });
  await expectAgreement(step, {}, {}, 0);
});
