import { cpu, type Encoder, initialise, layerContext, mlpHead, tf, toTensor } from '@unlabel/core';
import { numberOf } from '@unlabel/testkit';
import { beforeAll, expect, test } from 'vitest';
import { type LejepaMethodOptions, lejepa, lejepaTerms } from './lejepa';

beforeAll(async () => {
  await cpu().open();
});

const network = mlpHead({ dims: [1, 5] });

/** Encodes the mean of each view, so that views of any length will do. */
const encoder: Encoder = {
  name: 'mean',
  inputShape: [6],
  outputDim: 5,
  variables: network.variables,
  apply: (input, context) => network.apply(tf.reshape(tf.mean(input, 1), [-1, 1]), context),
};

const slices = () => tf.randomNormal<tf.Rank.R2>([4, 16], 0, 1, 'float32', 5);

function report(views: readonly tf.Tensor[], options: LejepaMethodOptions = {}) {
  const bound = lejepa({ projector: [8, 4], slices: 16, ...options }).bind(encoder);
  const values = Object.entries(initialise(bound.variables, 0)).map(
    ([name, value]) => [name, toTensor(value)] as const,
  );
  const draws: Record<string, readonly number[]> = {};
  const normal = (name: string, shape: readonly number[]) => {
    draws[name] = shape;
    return tf.reshape(slices(), [...shape]);
  };
  const { context } = layerContext(Object.fromEntries(values), { training: true, random: { normal, uniform: normal } });
  return { ...bound.loss({ views, tensors: {}, scalars: {} }, context), draws };
}

const view = (seed: number, length: number) => tf.randomNormal([6, length], 0, 1, 'float32', seed);

test('draws fresh slices of the projection’s dimension, by name', () => {
  expect(report([view(0, 6), view(1, 6)]).draws).toEqual({ slices: [4, 16] });
});

test('centres on the views of the first one’s shape, unless told how many are global', () => {
  const views = [view(0, 6), view(1, 6), view(2, 3), view(3, 3)];
  const byShape = numberOf(report(views).loss);
  expect(numberOf(report(views, { globalViews: 2 }).loss)).toBe(byShape);
  expect(numberOf(report(views, { globalViews: 4 }).loss)).not.toBeCloseTo(byShape, 5);
  expect(numberOf(report(views, { sigregWeight: 0.5 }).loss)).not.toBeCloseTo(byShape, 3);
});

test('reports the unweighted terms of its loss, and the projection of view 0', () => {
  const { loss, terms, projection } = report([view(0, 6), view(1, 6)], { sigregWeight: 0.25 });
  const { prediction = loss, sigreg = loss } = terms;
  expect(numberOf(loss)).toBeCloseTo(0.75 * numberOf(prediction) + 0.25 * numberOf(sigreg), 5);
  expect(projection.shape).toEqual([6, 4]);
  const twice: tf.Tensor3D = tf.reshape(tf.concat2d([projection, projection], 0), [2, 6, 4]);
  const alone = lejepaTerms(twice, slices());
  expect(numberOf(alone.prediction)).toBeCloseTo(0, 10);
});
