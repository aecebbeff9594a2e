import { cpu, initialise, layerContext, tf, toTensor, UnlabelError } from '@unlabel/core';
import { beforeAll, expect, test } from 'vitest';
import { mlp } from './mlp';

beforeAll(async () => {
  await cpu().open();
});

const draw = (_: string, shape: readonly number[]) => tf.zeros([...shape]);
const random = { normal: draw, uniform: draw };

test('flattens samples into features and names its layers', () => {
  const encoder = mlp({ inputShape: [4, 4, 1], hidden: [8], outputDim: 3 });
  expect(Object.keys(encoder.variables).filter((name) => /kernel|bias/.test(name))).toEqual([
    'layers/0/dense/kernel',
    'layers/1/dense/kernel',
    'layers/1/dense/bias',
  ]);
  expect(encoder.depth).toBe(1);
  expect(encoder.depthOf?.('layers/1/dense/kernel')).toBe(1);
  const initial = initialise(encoder.variables, 1);
  const values = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
  const { context, updates } = layerContext(values, { training: true, random });
  expect(encoder.apply(tf.randomNormal([5, 4, 4, 1]), context).shape).toEqual([5, 3]);
  expect(Object.keys(updates)).toEqual(['layers/0/norm/runningMean', 'layers/0/norm/runningVariance']);
});

test('refuses samples of another shape', () => {
  const { context } = layerContext({}, { training: false, random });
  const act = () => mlp({ inputShape: [4] }).apply(tf.zeros([1, 5]), context);
  expect(act).toThrow(UnlabelError);
  expect(act).toThrow('needs [batch, 4]');
});
