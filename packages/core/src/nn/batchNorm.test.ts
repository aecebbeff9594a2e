import { beforeAll, expect, test } from 'vitest';
import golden from '../../golden/nn_batchnorm1d_train.json' with { type: 'json' };
import { cpu } from '../backends/cpu';
import { UnlabelError } from '../errors';
import { differentiated, expectGolden, fixtureRandom, fromGolden } from '../goldenFixture';
import { tf } from '../tf';
import { batchNorm } from './batchNorm';
import { layerContext } from './layer';

beforeAll(async () => {
  await cpu().open();
});

const sumOfCubes = (output: tf.Tensor): tf.Scalar => tf.sum(tf.pow(output, 3));

test('gives the values, running statistics and gradients of PyTorch', () => {
  const { inputs, outputs, grads, tolerance, params } = golden;
  const layer = batchNorm({ channels: 4, epsilon: params.eps, momentum: params.momentum });
  const values = {
    x: fromGolden(inputs.x),
    scale: fromGolden(inputs.gamma),
    offset: fromGolden(inputs.beta),
    runningMean: tf.zeros([4]),
    runningVariance: tf.ones([4]),
  };
  const { output, gradients, updates } = differentiated(
    values,
    (context) => layer.apply(values.x, context),
    sumOfCubes,
  );
  const { outputs_rtol_of_max: ofMax, grad_rtol_of_max: gradOfMax } = tolerance.float32;
  expectGolden(output, outputs.out, ofMax);
  expectGolden(updates.runningMean, outputs.running_mean, ofMax);
  expectGolden(updates.runningVariance, outputs.running_var, ofMax);
  expectGolden(gradients.x, grads.x, gradOfMax);
  expectGolden(gradients.scale, grads.gamma, gradOfMax);
  expectGolden(gradients.offset, grads.beta, gradOfMax);
});

test('treats all axes but the last alike', () => {
  const layer = batchNorm({ channels: 2, affine: false });
  const statistics = { runningMean: tf.zeros([2]), runningVariance: tf.ones([2]) };
  const of = (x: tf.Tensor) => differentiated({ ...statistics, x }, (context) => layer.apply(x, context), sumOfCubes);
  const rows = tf.randomNormal([12, 2], 1, 3, 'float32', 5);
  const [flat, images] = [of(rows), of(tf.reshape(rows, [3, 2, 2, 2]))];
  expect(Array.from(images.output?.dataSync() ?? [])).toEqual(Array.from(flat.output?.dataSync() ?? []));
  expect(Array.from(images.gradients.x?.dataSync() ?? [])).toEqual(Array.from(flat.gradients.x?.dataSync() ?? []));
});

test('keeps the variance of a channel far from 0, and finite gradients where a channel is constant', () => {
  const layer = batchNorm({ channels: 2, affine: false });
  const x = tf.tensor2d([
    [1000.25, 7],
    [999.75, 7],
  ]);
  const values = { runningMean: tf.zeros([2]), runningVariance: tf.ones([2]), x };
  const { output, gradients } = differentiated(values, (context) => layer.apply(x, context), sumOfCubes);
  const [first, constant] = output?.dataSync() ?? [];
  expect(first).toBeCloseTo(0.25 / Math.sqrt(0.0625 + 1e-5), 3);
  expect(constant).toBe(0);
  expect(gradients.x?.dataSync().every(Number.isFinite)).toBe(true);
});

test('follows running statistics when it does not train', () => {
  const layer = batchNorm({ channels: 1 });
  const values = {
    scale: tf.tensor1d([2]),
    offset: tf.tensor1d([1]),
    runningMean: tf.tensor1d([3]),
    runningVariance: tf.tensor1d([4]),
  };
  const { context, updates } = layerContext(values, { training: false, random: fixtureRandom });
  const output = layer.apply(tf.tensor2d([[3], [5]]), context).dataSync();
  expect(output[0]).toBeCloseTo(1, 5);
  expect(output[1]).toBeCloseTo(3, 5);
  expect(updates).toEqual({});
});

test('moves running statistics once more at each application of one step', () => {
  const layer = batchNorm({ channels: 1, affine: false });
  const values = { runningMean: tf.zeros([1]), runningVariance: tf.ones([1]) };
  const { context, updates } = layerContext(values, { training: true, random: fixtureRandom });
  for (const mean of [1, 2]) layer.apply(tf.tensor2d([[mean - 1], [mean + 1]]), context);
  expect(updates.runningMean?.dataSync()[0]).toBeCloseTo(0.9 * 0.1 + 0.1 * 2, 6);
});

test('refuses a batch of one value a channel while training, and other channels', () => {
  const layer = batchNorm({ channels: 2, affine: false });
  const values = { runningMean: tf.zeros([2]), runningVariance: tf.ones([2]) };
  const { context } = layerContext(values, { training: true, random: fixtureRandom });
  const codeOf = (shape: [number, number]) => {
    try {
      layer.apply(tf.zeros(shape), context);
    } catch (error) {
      return UnlabelError.is(error) ? error.code : error;
    }
  };
  expect(codeOf([1, 2])).toBe('BATCH_TOO_SMALL');
  expect(codeOf([4, 3])).toBe('SHAPE_MISMATCH');
  expect(codeOf([2, 2])).toBeUndefined();
});
