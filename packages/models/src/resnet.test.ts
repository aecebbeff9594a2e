import {
  cpu,
  initialise,
  layerContext,
  lossAndGradients,
  randomStream,
  sizeOf,
  tf,
  toTensor,
  UnlabelError,
} from '@unlabel/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ResnetOptions, resnet, resnet18, resnet34, resnet50 } from './resnet';

beforeAll(async () => {
  await cpu().open();
});

const tiny: ResnetOptions = {
  inputShape: [8, 8, 1],
  blocks: [1, 1],
  widths: [4, 8],
  strides: [2, 2],
  stem: 'small-image',
};
const draw = (_: string, shape: readonly number[]) => tf.zeros([...shape]);
const random = { normal: draw, uniform: draw };

describe('parameter counts', () => {
  const count = (encoder: ReturnType<typeof resnet>) =>
    Object.values(encoder.variables)
      .filter((variable) => variable.trainable)
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0);

  test('are those of the published networks without their classifiers', () => {
    expect(count(resnet18({ inputShape: [224, 224, 3] }))).toBe(11_176_512);
    expect(count(resnet34({ inputShape: [224, 224, 3] }))).toBe(21_284_672);
    expect(count(resnet50({ inputShape: [224, 224, 3] }))).toBe(23_508_032);
  });

  test('follow blocks, widths, strides and stem', () => {
    const options = { blocks: [1, 1, 1], widths: [32, 64, 128], strides: [2, 2, 2], stem: 'small-image' } as const;
    const encoder = resnet({ inputShape: [28, 28, 1], ...options });
    expect(count(encoder)).toBe(307_872);
    expect(encoder.outputDim).toBe(128);
    expect(count(resnet({ inputShape: [28, 28, 1], ...options, stemWidth: 16 }))).toBeLessThan(307_872);
  });
});

test('names variables by their place', () => {
  expect(Object.keys(resnet(tiny).variables).filter((name) => name.endsWith('kernel'))).toEqual([
    'stem/conv/kernel',
    'stages/0/blocks/0/conv1/kernel',
    'stages/0/blocks/0/conv2/kernel',
    'stages/0/blocks/0/shortcut/conv/kernel',
    'stages/1/blocks/0/conv1/kernel',
    'stages/1/blocks/0/conv2/kernel',
    'stages/1/blocks/0/shortcut/conv/kernel',
  ]);
});

test('counts depth from the stem to the last block', () => {
  const { depth, depthOf } = resnet(tiny);
  expect(depth).toBe(2);
  expect(depthOf?.('stem/norm/scale')).toBe(0);
  expect(depthOf?.('stages/1/blocks/0/shortcut/conv/kernel')).toBe(2);
});

test.each<[string, Partial<ResnetOptions>, number]>([
  ['basic', {}, 8],
  ['bottleneck', { block: 'bottleneck' }, 32],
  ['a stem of stride 2', { stemStride: 2 }, 8],
  ['the ImageNet stem', { stem: 'imagenet', inputShape: [32, 32, 1] }, 8],
])('with %s blocks, gradients reach every parameter and running statistics move', (_, options, outputDim) => {
  const encoder = resnet({ ...tiny, ...options });
  const initial = initialise(encoder.variables, 7);
  const values = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
  const parameters = Object.fromEntries(
    Object.entries(values).filter(([name]) => encoder.variables[name]?.trainable === true),
  );
  const input = tf.randomNormal([4, ...encoder.inputShape], 0, 1, 'float32', 3);
  const { extra, gradients } = lossAndGradients(() => {
    const { context, updates } = layerContext(values, { training: true, random });
    const features = encoder.apply(input, context);
    expect(features.shape).toEqual([4, outputDim]);
    const weights = tf.reshape(tf.range(0, sizeOf(features.shape)), features.shape);
    return { loss: tf.sum(tf.mul(tf.square(features), weights)), extra: updates };
  }, parameters);
  for (const [name, gradient] of Object.entries(gradients)) {
    expect(tf.max(tf.abs(gradient)).dataSync()[0], name).toBeGreaterThan(0);
  }
  expect(Object.keys(extra).sort()).toEqual(
    Object.keys(encoder.variables)
      .filter((name) => encoder.variables[name]?.trainable === false)
      .sort(),
  );
});

test('a zero-initialised residual branch leaves its shortcut', () => {
  const features = (zeroInitResidual: boolean) => {
    const encoder = resnet({ ...tiny, strides: [1, 2], stemWidth: 4, zeroInitResidual });
    const initial = initialise(encoder.variables, 7);
    return { initial, name: 'stages/0/blocks/0/norm2/scale' };
  };
  expect(Array.from(features(true).initial['stages/0/blocks/0/norm2/scale']?.data ?? [])).toEqual([0, 0, 0, 0]);
  expect(Array.from(features(false).initial['stages/0/blocks/0/norm2/scale']?.data ?? [])).toEqual([1, 1, 1, 1]);
});

test('an output norm gives every feature mean 0 and variance 1 over the batch', () => {
  const encoder = resnet({ ...tiny, outputNorm: true });
  const values = Object.fromEntries(
    Object.entries(initialise(encoder.variables, 0)).map(([name, value]) => [name, toTensor(value)]),
  );
  const { context, updates } = layerContext(values, { training: true, random });
  const images = tf.tensor4d(Float32Array.from({ length: 6 * 64 }, randomStream(['images']).normal), [6, 8, 8, 1]);
  const { mean, variance } = tf.moments(encoder.apply(images, context), 0);
  for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 4);
  for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 2);
  expect(Object.keys(updates)).toContain('norm/runningMean');
});

test('has the places of its last maps as tokens, whose mean the features are', () => {
  const encoder = resnet(tiny);
  const values = Object.fromEntries(
    Object.entries(initialise(encoder.variables, 7)).map(([name, value]) => [name, toTensor(value)]),
  );
  const { context } = layerContext(values, { training: false, random });
  const input = tf.randomNormal([3, 32, 8, 1], 0, 1, 'float32', 3); // maps of 8 rows and 2 columns
  const tokensOf = (images: tf.Tensor) => encoder.tokens?.(images, context) ?? tf.zeros<tf.Rank.R3>([0, 0, 0]);
  const tokens = tokensOf(input);
  expect(tokens.shape).toEqual([3, 16, 8]);
  const off = tf.max(tf.abs(tf.sub(tf.mean(tokens, 1), encoder.apply(input, context))));
  expect(off.dataSync()[0]).toBeLessThan(1e-6);
  const both = encoder.withTokens?.(input, context);
  expect(both?.tokens.dataSync()).toEqual(tokens.dataSync());
  expect(both?.features.dataSync()).toEqual(encoder.apply(input, context).dataSync());
  const upper = tokensOf(tf.slice(input, [0, 0], [-1, 16]));
  const firstRow = (of: tf.Tensor3D) => Array.from(tf.slice3d(of, [0, 0, 0], [1, 2, -1]).dataSync());
  expect(firstRow(upper)).toEqual(firstRow(tokens)); // the top row does not see the lower half
});

test('evaluates each image by itself, the same every time', () => {
  const encoder = resnet(tiny);
  const values = Object.fromEntries(
    Object.entries(initialise(encoder.variables, 7)).map(([name, value]) => [name, toTensor(value)]),
  );
  const input = tf.randomNormal([3, 8, 8, 1], 0, 1, 'float32', 3);
  const embed = (images: tf.Tensor) => {
    const { context, updates } = layerContext(values, { training: false, random });
    const features = encoder.apply(images, context);
    expect(updates).toEqual({});
    return Array.from(features.dataSync());
  };
  const all = embed(input);
  expect(embed(input)).toEqual(all);
  expect(embed(tf.slice(input, [1, 0, 0, 0], [1, -1, -1, -1]))).toEqual(all.slice(8, 16));
});

test('refuses stages that do not match and images of other channels', () => {
  const codeOf = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      return UnlabelError.is(error) ? error.code : error;
    }
  };
  expect(codeOf(() => resnet({ ...tiny, widths: [4] }))).toBe('INVALID_OPTION');
  const { context } = layerContext({}, { training: false, random });
  expect(codeOf(() => resnet(tiny).apply(tf.zeros([1, 8, 8, 3]), context))).toBe('SHAPE_MISMATCH');
});
