import { beforeAll, describe, expect, test } from 'vitest';
import convFile from '../../golden/nn_conv2d.json' with { type: 'json' };
import normFile from '../../golden/nn_layernorm_gelu.json' with { type: 'json' };
import attentionFile from '../../golden/nn_mha.json' with { type: 'json' };
import { cpu } from '../backends/cpu';
import { toTensor } from '../backends/eager';
import { UnlabelError } from '../errors';
import { differentiated, expectGolden, fixtureRandom, fromGolden } from '../goldenFixture';
import { tf } from '../tf';
import { activation, gelu, geluTanh } from './activations';
import { attention } from './attention';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { dropout, dropPath } from './dropout';
import { groupNorm } from './groupNorm';
import { initialise, type Layer, layerContext } from './layer';
import { layerNorm, standardise } from './layerNorm';
import { mlpHead } from './mlpHead';
import { sequential } from './sequential';
import { transformer } from './transformer';

beforeAll(async () => {
  await cpu().open();
});

const sumOfSquares = (output: tf.Tensor): tf.Scalar => tf.sum(tf.square(output));
const { outputs_rtol_of_max: ofMax, grad_rtol_of_max: gradOfMax } = convFile.tolerance.float32;

/** First values of a layer's variables, as tensors. */
function valuesOf(layer: Layer): Record<string, tf.Tensor> {
  const initial = initialise(layer.variables, 3);
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
}

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return UnlabelError.is(error) ? error.code : error;
  }
}

describe('conv2d', () => {
  test('gives the values and gradients of PyTorch at stride 2', () => {
    const { inputs, outputs, grads, params } = convFile;
    const layer = conv2d({ inputChannels: 3, outputChannels: 4, ...params, bias: true });
    const x = tf.transpose(tf.reshape<tf.Rank.R4>(fromGolden(inputs.x), [2, 3, 7, 7]), [0, 2, 3, 1]);
    const values = { x, kernel: tf.transpose(fromGolden(inputs.w), [2, 3, 1, 0]), bias: fromGolden(inputs.b) };
    const { output, gradients } = differentiated(values, (context) => layer.apply(x, context), sumOfSquares);
    const channelsFirst = (tensor: tf.Tensor | undefined) => tensor && tf.transpose(tensor, [0, 3, 1, 2]);
    expectGolden(channelsFirst(output), outputs.out, ofMax);
    expectGolden(channelsFirst(gradients.x), grads.x, gradOfMax);
    expectGolden(gradients.kernel && tf.transpose(gradients.kernel, [3, 2, 0, 1]), grads.w, gradOfMax);
    expectGolden(gradients.bias, grads.b, gradOfMax);
  });

  test.each([
    ['same', [4, 4]],
    ['valid', [3, 3]],
    [1, [4, 4]],
    [3, [6, 6]],
  ] as const)('with padding %s and stride 2 makes 7×7 into %s', (padding, size) => {
    const layer = conv2d({ inputChannels: 1, outputChannels: 2, stride: 2, padding });
    const { context } = layerContext(valuesOf(layer), { training: true, random: fixtureRandom });
    expect(layer.apply(tf.zeros([1, 7, 7, 1]), context).shape).toEqual([1, ...size, 2]);
  });
});

test('dense maps the last axis, whatever the others, and has no bias when told', () => {
  const layer = dense<tf.Tensor>({ inputDim: 2, outputDim: 3, bias: false });
  expect(Object.keys(layer.variables)).toEqual(['kernel']);
  const { context } = layerContext(
    {
      kernel: tf.tensor2d([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    },
    { training: true, random: fixtureRandom },
  );
  const output = layer.apply(tf.ones([2, 1, 2]), context);
  expect(output.shape).toEqual([2, 1, 3]);
  expect(Array.from(output.dataSync())).toEqual([5, 7, 9, 5, 7, 9]);
  expect(codeOf(() => layer.apply(tf.ones([2, 3]), context))).toBe('SHAPE_MISMATCH');
});

describe('layerNorm and GELU', () => {
  const { inputs, outputs, grads, params } = normFile;

  test('give the values and gradients of PyTorch', () => {
    const layer = layerNorm({ dim: 8, epsilon: params.eps });
    const values = { x: fromGolden(inputs.x), scale: fromGolden(inputs.gamma), offset: fromGolden(inputs.beta) };
    const { output, gradients } = differentiated(
      values,
      (context) => {
        const normed = layer.apply(values.x, context);
        expectGolden(normed, outputs.layer_norm, ofMax);
        expectGolden(geluTanh(normed), outputs.gelu_tanh, 1e-5);
        return gelu(normed);
      },
      sumOfSquares,
    );
    expectGolden(output, outputs.gelu, ofMax);
    expectGolden(gradients.x, grads.x, gradOfMax);
    expectGolden(gradients.scale, grads.gamma, gradOfMax);
    expectGolden(gradients.offset, grads.beta, gradOfMax);
  });

  test('standardise is layer norm without scale and offset', () => {
    const { mean, variance } = tf.moments(standardise(fromGolden(inputs.x)), -1);
    for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 5);
    for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 3);
  });

  test('have finite gradients for constant vectors and huge inputs', () => {
    const values = { x: tf.fill([2, 4], 1e4) };
    const { gradients } = differentiated(values, () => gelu(standardise(values.x)), sumOfSquares);
    expect(gradients.x?.dataSync().every(Number.isFinite)).toBe(true);
    const { gradients: huge } = differentiated(values, () => activation('gelu')(values.x), sumOfSquares);
    expect(huge.x?.dataSync()[0]).toBeCloseTo(2e4, 0);
  });
});

describe('groupNorm', () => {
  test("standardises each image's groups, and scales channels", () => {
    const layer = groupNorm({ channels: 4, groups: 2 });
    const x = tf.randomNormal<tf.Rank.R4>([2, 3, 3, 4], 5, 2, 'float32', 1);
    const values = { scale: tf.tensor1d([1, 1, 3, 3]), offset: tf.tensor1d([0, 0, 7, 7]) };
    const { context } = layerContext(values, { training: true, random: fixtureRandom });
    const output = layer.apply(x, context);
    for (const [start, mean, std] of [
      [0, 0, 1],
      [2, 7, 3],
    ] as const) {
      const group = tf.slice(output, [1, 0, 0, start], [1, 3, 3, 2]);
      const found = tf.moments(group);
      expect(found.mean.dataSync()[0]).toBeCloseTo(mean, 4);
      expect(Math.sqrt(found.variance.dataSync()[0] ?? 0)).toBeCloseTo(std, 3);
    }
    const { context: alone } = layerContext(values, { training: true, random: fixtureRandom });
    const second = layer.apply(tf.slice(x, [1, 0, 0, 0], [1, 3, 3, 4]), alone);
    expect(second.dataSync()).toEqual(output.dataSync().slice(36));
  });

  test('refuses groups that do not divide the channels', () => {
    expect(codeOf(() => groupNorm({ channels: 6, groups: 4 }))).toBe('INVALID_OPTION');
  });
});

describe('attention', () => {
  test('gives the values and gradients of the formula', () => {
    const { inputs, outputs, grads, params } = attentionFile;
    const layer = attention({ dim: 8, heads: params.num_heads, qkvBias: false, bias: false });
    const x: tf.Tensor3D = tf.reshape(fromGolden(inputs.x), [2, 5, 8]);
    const kernels = [inputs.wq, inputs.wk, inputs.wv].map((kernel) => tf.transpose(fromGolden(kernel)));
    const values = { x, 'qkv/kernel': tf.concat(kernels, 1), 'proj/kernel': tf.transpose(fromGolden(inputs.wo)) };
    const transposed = (tensor: tf.Tensor | undefined) => tensor && tf.transpose(tensor);
    const { output, gradients } = differentiated(values, (context) => layer.apply(x, context), sumOfSquares);
    expectGolden(output, outputs.out, ofMax);
    expectGolden(gradients.x, grads.x, gradOfMax);
    expectGolden(transposed(gradients['proj/kernel']), grads.wo, gradOfMax);
    const thirds = tf.split(gradients['qkv/kernel'] ?? tf.zeros([8, 24]), 3, 1);
    for (const [index, expected] of [grads.wq, grads.wk, grads.wv].entries()) {
      expectGolden(transposed(thirds[index]), expected, gradOfMax);
    }
  });

  test('when causal, a token does not depend on those after it', () => {
    const layer = attention({ dim: 4, heads: 2, causal: true });
    const { context } = layerContext(valuesOf(layer), { training: true, random: fixtureRandom });
    const tokens: tf.Tensor3D = tf.randomNormal([1, 3, 4], 0, 1, 'float32', 2);
    const changed: tf.Tensor3D = tf.add(tokens, tf.tensor([0, 0, 1], [1, 3, 1]));
    const [before, after] = [layer.apply(tokens, context).dataSync(), layer.apply(changed, context).dataSync()];
    expect(after.slice(0, 8)).toEqual(before.slice(0, 8));
    expect(after.slice(8)).not.toEqual(before.slice(8));
  });

  test('refuses heads that do not divide the dim', () => {
    expect(codeOf(() => attention({ dim: 10, heads: 3 }))).toBe('INVALID_OPTION');
  });
});

test('gradients reach every variable of a transformer, whose last layer is a norm', () => {
  const layer = transformer({ dim: 4, heads: 2, depth: 2, dropPath: 0.2 });
  const { context } = layerContext(valuesOf(layer), { training: true, random: fixtureRandom });
  expect(codeOf(() => layer.apply(tf.zeros([6, 3, 2]), context))).toBe('SHAPE_MISMATCH');
  const values = { ...valuesOf(layer), x: tf.randomNormal<tf.Rank.R3>([6, 3, 4], 0, 1, 'float32', 2) };
  const weighted = (output: tf.Tensor): tf.Scalar =>
    tf.sum(tf.mul(tf.square(output), tf.reshape(tf.range(0, 72), [6, 3, 4])));
  const { output, gradients } = differentiated(values, (context) => layer.apply(values.x, context), weighted);
  expect(output?.shape).toEqual([6, 3, 4]);
  for (const [name, gradient] of Object.entries(gradients)) {
    expect(tf.max(tf.abs(gradient)).dataSync()[0], name).toBeGreaterThan(0);
  }
});

describe('dropout', () => {
  const apply = (layer: Layer, training: boolean) => {
    const { context } = layerContext({}, { training, random: fixtureRandom });
    return layer.apply(tf.ones([500, 4]), context);
  };

  test('keeps the mean while training, with zeros and 1/(1 − rate)', () => {
    const output = apply(dropout(0.25), true);
    expect(new Set(output.dataSync())).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(tf.mean(output).dataSync()[0]).toBeCloseTo(1, 1);
  });

  test('drops whole samples as dropPath', () => {
    const { mean, variance } = tf.moments(apply(dropPath(0.5), true), 1);
    expect(Math.max(...variance.dataSync())).toBe(0);
    expect(new Set(mean.dataSync())).toEqual(new Set([0, 2]));
  });

  test('is off in evaluation, and refuses rates that would drop everything', () => {
    expect(Math.min(...apply(dropout(0.9), false).dataSync())).toBe(1);
    expect(codeOf(() => dropout(1))).toBe('INVALID_OPTION');
    expect(codeOf(() => dropPath(Number.NaN))).toBe('INVALID_OPTION');
  });
});

describe('mlpHead', () => {
  test('leaves biases out in front of norms', () => {
    const names = (options: Parameters<typeof mlpHead>[0]) => Object.keys(mlpHead(options).variables);
    expect(names({ dims: [4, 8, 2] })).toEqual([
      'layers/0/dense/kernel',
      'layers/0/norm/scale',
      'layers/0/norm/offset',
      'layers/0/norm/runningMean',
      'layers/0/norm/runningVariance',
      'layers/1/dense/kernel',
      'layers/1/dense/bias',
    ]);
    expect(names({ dims: [4, 2], finalNorm: 'batch-no-affine' })).toEqual([
      'layers/0/dense/kernel',
      'layers/0/norm/runningMean',
      'layers/0/norm/runningVariance',
    ]);
    expect(names({ dims: [4, 2], finalBias: false })).toEqual(['layers/0/dense/kernel']);
    expect(names({ dims: [4, 4, 2], norm: 'none' }).filter((name) => name.endsWith('bias'))).toHaveLength(2);
  });

  test('is linear after the last layer and not between', () => {
    const head = mlpHead({ dims: [1, 2, 1], norm: 'none' });
    const values = {
      'layers/0/dense/kernel': tf.tensor2d([[1, -1]]),
      'layers/0/dense/bias': tf.zeros([2]),
      'layers/1/dense/kernel': tf.tensor2d([[-1], [-1]]),
      'layers/1/dense/bias': tf.zeros([1]),
    };
    const { context } = layerContext(values, { training: true, random: fixtureRandom });
    expect(Array.from(head.apply(tf.tensor2d([[2], [-3]]), context).dataSync())).toEqual([-2, -3]);
  });

  test('refuses a single extent', () => {
    expect(codeOf(() => mlpHead({ dims: [4] }))).toBe('INVALID_OPTION');
  });
});

test('sequential applies layers and functions in order, and reports the updates of its layers', () => {
  const layer = sequential({ double: (x) => tf.mul(x, 2), out: dense({ inputDim: 1, outputDim: 1 }), relu: tf.relu });
  const values = { 'out/kernel': tf.tensor2d([[-1]]), 'out/bias': tf.tensor1d([5]) };
  expect(Object.keys(layer.variables)).toEqual(['out/kernel', 'out/bias']);
  const { context } = layerContext(values, { training: true, random: fixtureRandom });
  expect(Array.from(layer.apply(tf.tensor2d([[2], [3]]), context).dataSync())).toEqual([1, 0]);
});
