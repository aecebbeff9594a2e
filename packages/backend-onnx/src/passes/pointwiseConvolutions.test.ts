import { hostTensor, lossAndGradients, type Step, tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { disagreements, onBoth } from '../againstEager';
import { explain } from '../explain/explain';

const images = hostTensor(
  Float32Array.from({ length: 2 * 5 * 4 * 3 }, (_, index) => Math.sin(index)),
  [2, 5, 4, 3],
);
const filter = hostTensor(
  Float32Array.from({ length: 6 }, (_, index) => Math.cos(index)),
  [1, 1, 3, 2],
);

/** A 1×1 convolution with its gradients. */
const pointwise =
  (stride: number): Step =>
  ({ inputs }) => {
    const x = tf.reshape<tf.Rank.R4>(inputs.images ?? tf.zeros([120]), [2, 5, 4, 3]);
    const weights = tf.reshape<tf.Rank.R4>(inputs.filter ?? tf.zeros([6]), [1, 1, 3, 2]);
    const { loss, gradients } = lossAndGradients(
      () => ({ loss: tf.sum<tf.Scalar>(tf.sin(tf.conv2d(x, weights, stride, 'valid'))), extra: {} }),
      { x, weights },
    );
    return { outputs: { loss, ...gradients } };
  };

test.each([[1], [2], [3]])(
  '1×1 convolutions at stride %i are products of matrices with the same gradients',
  async (stride) => {
    const stepCase = { step: pointwise(stride), inputs: { images, filter } };
    const { eager, onnx } = await onBoth(stepCase);
    expect(disagreements(eager.outputs[0] ?? {}, onnx.outputs[0] ?? {}, 1e-5)).toEqual([]);
    const { operators } = explain(stepCase.step, { state: {}, inputs: stepCase.inputs }).after;
    expect(operators.Conv).toBeUndefined();
  },
);
