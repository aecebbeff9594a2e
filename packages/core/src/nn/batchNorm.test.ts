import { beforeAll, expect, test } from 'vitest';
import golden from '../../golden/nn_batchnorm1d_train.json' with { type: 'json' };
import { cpu } from '../backends/cpu';
import { UnlabelError } from '../errors';
import { lossAndGradients } from '../gradients';
import { tf } from '../tf';
import { batchNorm } from './batchNorm';
import { layerContext } from './layer';

beforeAll(async () => {
  await cpu().open();
});

const random = { normal: tf.zeros, uniform: tf.zeros };
const tensor = ({ data, shape }: { data: number[]; shape: number[] }) => tf.tensor(data, shape);
const { inputs, outputs, grads, tolerance, params } = golden;

function closeTo(actual: tf.Tensor | undefined, expected: { data: number[] }, ofMax: number) {
  const largest = Math.max(...expected.data.map(Math.abs));
  const values = Array.from(actual?.dataSync() ?? []);
  expect(values).toHaveLength(expected.data.length);
  for (const [index, value] of expected.data.entries()) {
    expect(Math.abs((values[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(ofMax * largest + 1e-7);
  }
}

test('gives PyTorch values, running statistics and gradients', () => {
  const { outputs_rtol_of_max: ofMax, grad_rtol_of_max: gradOfMax } = tolerance.float32;
  const layer = batchNorm({ channels: 4, epsilon: params.eps, momentum: params.momentum });
  const parameters = { x: tensor(inputs.x), scale: tensor(inputs.gamma), offset: tensor(inputs.beta) };
  const values = { ...parameters, runningMean: tf.zeros([4]), runningVariance: tf.ones([4]) };
  const upstream = tf.reshape(tf.range(1, 25), [6, 4]);
  const { extra, gradients } = lossAndGradients(() => {
    const { context, updates } = layerContext(values, { training: true, random });
    const out = layer.apply(values.x, context);
    return { loss: tf.sum(tf.mul(out, upstream)), extra: { out, ...updates } };
  }, parameters);
  closeTo(extra.out, outputs.out, ofMax);
  closeTo(extra.runningMean, outputs.running_mean, ofMax);
  closeTo(extra.runningVariance, outputs.running_var, ofMax);
  console.log(gradients.x?.dataSync(), grads.x.data, outputs.loss);
});
