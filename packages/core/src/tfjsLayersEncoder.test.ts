import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BackendSession } from './backend';
import { cpu } from './backends/cpu';
import { toTensor } from './backends/eager';
import { UnlabelError } from './errors';
import { differentiated, fixtureRandom } from './goldenFixture';
import { lossAndGradients } from './gradients';
import { hostTensor } from './hostTensor';
import { initialise, layerContext } from './nn/layer';
import { sgd } from './optim/sgd';
import { tf } from './tf';
import { tfjsLayersEncoder } from './tfjsLayersEncoder';

let session: BackendSession;
beforeAll(async () => {
  session = await cpu().open();
});

function convolutional() {
  return layers.sequential({
    layers: [
      layers.layers.conv2d({ inputShape: [6, 6, 1], filters: 4, kernelSize: 3, useBias: false }),
      layers.layers.batchNormalization(),
      layers.layers.reLU(),
      layers.layers.globalAveragePooling2d({}),
      layers.layers.dense({ units: 2 }),
    ],
  });
}

function valuesOf(encoder: ReturnType<typeof tfjsLayersEncoder>): Record<string, tf.Tensor> {
  const initial = initialise(encoder.variables, 0);
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
}

test('names variables by place, knows shapes and which ones train', () => {
  const encoder = tfjsLayersEncoder(convolutional());
  expect(encoder).toMatchObject({ inputShape: [6, 6, 1], outputDim: 2, depth: 4 });
  expect(Object.entries(encoder.variables).map(([name, { shape, trainable }]) => [name, shape, trainable])).toEqual([
    ['layers/0/kernel', [3, 3, 1, 4], true],
    ['layers/1/gamma', [4], true],
    ['layers/1/beta', [4], true],
    ['layers/1/moving_mean', [4], false],
    ['layers/1/moving_variance', [4], false],
    ['layers/4/kernel', [4, 2], true],
    ['layers/4/bias', [2], true],
  ]);
  expect(Object.keys(tfjsLayersEncoder(convolutional()).variables)).toEqual(Object.keys(encoder.variables));
  expect(encoder.depthOf?.('layers/4/bias')).toBe(4);
});

test('gives what the model predicts, and follows the context rather than the model', () => {
  const model = convolutional();
  const encoder = tfjsLayersEncoder(model);
  const images = tf.randomNormal([3, 6, 6, 1], 0, 1, 'float32', 1);
  const predicted = model.predict(images);
  if (Array.isArray(predicted)) throw new Error('one output expected');
  const values = valuesOf(encoder);
  const embed = (changed: Record<string, tf.Tensor>) => {
    const { context } = layerContext({ ...values, ...changed }, { training: false, random: fixtureRandom });
    return Array.from(encoder.apply(images, context).dataSync());
  };
  expect(embed({})).toEqual(Array.from(predicted.dataSync()));
  expect(embed({ 'layers/4/kernel': tf.zeros([4, 2]), 'layers/4/bias': tf.tensor1d([1, 2]) })).toEqual([
    1, 2, 1, 2, 1, 2,
  ]);
  expect(embed({})).toEqual(Array.from(predicted.dataSync()));
});

test('gradients and batch statistics reach the context', () => {
  const encoder = tfjsLayersEncoder(convolutional());
  const images = tf.randomNormal([5, 6, 6, 1], 0, 1, 'float32', 1);
  const values = valuesOf(encoder);
  const { gradients, updates } = differentiated(
    values,
    (context) => encoder.apply(images, context),
    (output) => tf.sum(tf.square(output)),
  );
  for (const [name, { trainable }] of Object.entries(encoder.variables)) {
    if (trainable) expect(tf.max(tf.abs(gradients[name] ?? 0)).dataSync()[0], name).toBeGreaterThan(0);
  }
  expect(Object.keys(updates).sort()).toEqual(['layers/1/moving_mean', 'layers/1/moving_variance']);
  expect(updates['layers/1/moving_variance']?.dataSync()).not.toEqual(values['layers/1/moving_variance']?.dataSync());
});

test('trains in a step of a session, leaving the model as it was and no tensors behind', async () => {
  const model = convolutional();
  const encoder = tfjsLayersEncoder(model);
  const optimizer = sgd({ momentum: 0 });
  const parameters = Object.fromEntries(Object.entries(encoder.variables).filter(([, { trainable }]) => trainable));
  const variables = { ...encoder.variables, ...optimizer.slots(parameters) };
  const state = await session.createState(initialise(variables, 0));
  const images = Float32Array.from({ length: 8 * 36 }, (_, at) => Math.sin(at) + (at < 4 * 36 ? 1 : 0));
  const inputs = { images: hostTensor(images, [8, 6, 6, 1]) };
  const target = Array.from({ length: 8 }, (_, at) => (at < 4 ? [1, 0] : [0, 1]));
  const step = await session.compile(
    ({ state, inputs, random }) => {
      const { loss, extra, gradients } = lossAndGradients(
        () => {
          const { context, updates } = layerContext(state, { training: true, random });
          const output = encoder.apply(inputs.images ?? tf.zeros([0]), context);
          return { loss: tf.mean(tf.squaredDifference(output, tf.tensor2d(target))), extra: updates };
        },
        Object.fromEntries(Object.keys(parameters).map((name) => [name, state[name] ?? tf.zeros([0])])),
      );
      const moved = optimizer.update({
        parameters: Object.fromEntries(Object.keys(parameters).map((name) => [name, state[name] ?? tf.zeros([0])])),
        gradients,
        slots: state,
        learningRate: tf.scalar(0.3),
        weightDecayScale: tf.scalar(1),
        step: tf.scalar(0),
      });
      return { outputs: { loss }, state: { ...extra, ...moved.parameters, ...moved.slots } };
    },
    { inputs: { images: { dtype: 'float32', shape: [8, 6, 6, 1] } }, state: state.specs },
  );
  const before = model.getWeights().map((weight) => Array.from(weight.dataSync()));
  const losses: number[] = [];
  const live: number[] = [];
  for (let made = 0; made < 12; made++) {
    const { loss } = await step.run(state, inputs, [0, made]);
    losses.push(loss?.data[0] ?? Number.NaN);
    live.push(tf.memory().numTensors);
  }
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
  expect(new Set(live).size).toBe(1);
  expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(before);
});

describe('refuses', () => {
  const dense = () => layers.layers.dense({ inputShape: [4], units: 3 });

  test.each([
    [
      'randomness of a layer',
      () => layers.sequential({ layers: [dense(), layers.layers.dropout({ rate: 0.5 })] }),
      'Dropout',
    ],
    [
      'maps for features',
      () => layers.sequential({ layers: [layers.layers.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 3 })] }),
      'globalAveragePooling2d',
    ],
    [
      'unknown extents',
      () => layers.sequential({ layers: [layers.layers.dense({ inputShape: [null, 4], units: 3 })] }),
      'inputShape',
    ],
  ])('%s', (_, make, hint) => {
    const act = () => tfjsLayersEncoder(make());
    expect(act).toThrow(UnlabelError);
    expect(act).toThrow(hint);
  });
});
