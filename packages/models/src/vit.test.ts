import {
  cpu,
  drawStepRandom,
  initialise,
  layerContext,
  lossAndGradients,
  type NamedTensors,
  sizeOf,
  type TokenEncoder,
  tf,
  toTensor,
  UnlabelError,
} from '@unlabel/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type VitOptions, vit, vitBase, vitSmall, vitTiny } from './vit';

beforeAll(async () => {
  await cpu().open();
});

const tiny = { inputShape: [8, 8, 1], patchSize: 4, dim: 8, depth: 2, heads: 2 } as const;
const random = {
  normal: (name: string, shape: readonly number[]) => tf.tensor(drawStepRandom('normal', [1], name, shape), [...shape]),
  uniform: (name: string, shape: readonly number[]) =>
    tf.tensor(drawStepRandom('uniform', [1], name, shape), [...shape]),
};

function valuesOf(encoder: TokenEncoder): Record<string, tf.Tensor> {
  const initial = initialise(encoder.variables, 5);
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
}

function contextOf(values: NamedTensors, training = false) {
  return layerContext(values, { training, random }).context;
}

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return UnlabelError.is(error) ? error.code : error;
  }
}

test('has the parameters of the published networks, whose class token has a position besides', () => {
  const count = (encoder: TokenEncoder) =>
    Object.values(encoder.variables).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const options = { inputShape: [224, 224, 3], pooling: 'cls', positions: 'learned' } as const;
  expect(count(vitTiny(options))).toBe(5_524_416 - 192);
  expect(count(vitSmall(options))).toBe(21_665_664 - 384);
  expect(count(vitBase(options))).toBe(85_798_656 - 768);
});

const variants: [string, Partial<VitOptions>][] = [
  ['mean pooling and fixed positions', {}],
  ['a class token and learned positions', { pooling: 'cls', positions: 'learned' }],
  ['registers and stochastic depth', { registers: 3, dropPath: 0.3 }],
];

describe.each(variants)('with %s', (_, options) => {
  const encoder = vit({ ...tiny, ...options });

  test('gives a feature vector an image and a token a patch', () => {
    const values = valuesOf(encoder);
    const images = tf.randomNormal([3, 8, 8, 1], 0, 1, 'float32', 1);
    expect(encoder.grid).toEqual([2, 2]);
    expect(encoder.apply(images, contextOf(values)).shape).toEqual([3, 8]);
    expect(encoder.tokens(images, contextOf(values)).shape).toEqual([3, 4, 8]);
  });

  test('evaluates each image by itself, the same every time', () => {
    const values = valuesOf(encoder);
    const images = tf.randomNormal([3, 8, 8, 1], 0, 1, 'float32', 1);
    const all = encoder.apply(images, contextOf(values)).dataSync();
    expect(encoder.apply(images, contextOf(values)).dataSync()).toEqual(all);
    const one = encoder.apply(tf.slice(images, [2, 0, 0, 0], [1, -1, -1, -1]), contextOf(values)).dataSync();
    for (const [index, value] of one.entries()) expect(value).toBeCloseTo(all[16 + index] ?? Number.NaN, 5);
  });

  test('its stages together are the whole, and its gradients reach every variable', () => {
    const values = valuesOf(encoder);
    const images = tf.randomNormal([6, 8, 8, 1], 0, 1, 'float32', 1);
    const { extra, gradients } = lossAndGradients(() => {
      const context = contextOf(values, true);
      const tokens = tf.add(encoder.embed(images, context), encoder.positions(context));
      const encoded = encoder.encode(tf.reshape(tokens, [6, 4, 8]), context);
      const weights = tf.reshape(tf.range(0, 48), [6, 8]);
      return { loss: tf.sum(tf.mul(tf.square(encoded.features), weights)), extra: { features: encoded.features } };
    }, values);
    for (const [name, gradient] of Object.entries(gradients)) {
      expect(tf.max(tf.abs(gradient)).dataSync()[0], name).toBeGreaterThan(0);
    }
    expect(encoder.apply(images, contextOf(values, true)).dataSync()).toEqual(extra.features?.dataSync());
  });
});

test('mean pooling with fixed positions does not care in which order tokens are encoded', () => {
  const encoder = vit(tiny);
  const context = contextOf(valuesOf(encoder));
  const images = tf.randomNormal([1, 8, 8, 1], 0, 1, 'float32', 1);
  const tokens = tf.add(encoder.embed(images, context), encoder.positions(context));
  const turned = tf.reverse<tf.Tensor3D>(tf.reshape(tokens, [1, 4, 8]), 1);
  const [straight, reversed] = [tf.reshape(tokens, [1, 4, 8]), turned].map((each) =>
    encoder.encode(tf.reshape<tf.Rank.R3>(each, [1, 4, 8]), context).features.dataSync(),
  );
  for (const [index, value] of (straight ?? []).entries()) expect(reversed?.[index]).toBeCloseTo(value, 5);
});

test('encodes crops of other sizes with fixed positions, and says why it cannot with learned ones', () => {
  const crop = tf.ones([1, 4, 12, 1]);
  const fixed = vit(tiny);
  expect(fixed.tokens(crop, contextOf(valuesOf(fixed))).shape).toEqual([1, 3, 8]);
  const learned = vit({ ...tiny, positions: 'learned' });
  expect(codeOf(() => learned.apply(crop, contextOf(valuesOf(learned))))).toBe('SHAPE_MISMATCH');
});

test('counts depth from the patches to the last norm', () => {
  const { depth, depthOf } = vit(tiny);
  expect(depth).toBe(3);
  expect(['patches/kernel', 'blocks/1/norm1/scale', 'norm/scale'].map((name) => depthOf?.(name))).toEqual([0, 2, 3]);
});

test('refuses images that patches do not divide, heads that do not divide the dim, and other channels', () => {
  expect(() => vit({ ...tiny, inputShape: [28, 28, 1], patchSize: 16 })).toThrow('16 × 16 or 32 × 32');
  expect(codeOf(() => vit({ ...tiny, inputShape: [28, 28, 1], patchSize: 16 }))).toBe('INVALID_OPTION');
  expect(codeOf(() => vit({ ...tiny, heads: 3 }))).toBe('INVALID_OPTION');
  expect(codeOf(() => vit(tiny).apply(tf.zeros([1, 8, 8, 3]), contextOf({})))).toBe('SHAPE_MISMATCH');
});
