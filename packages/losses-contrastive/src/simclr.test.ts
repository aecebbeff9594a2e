import { cpu, type Encoder, initialise, layerContext, mlpHead, tf, toTensor } from '@unlabel/core';
import { assertGolden, numberOf, readGolden } from '@unlabel/testkit';
import { beforeAll, expect, test } from 'vitest';
import { multiViewNtXentLoss } from './ntXent';
import { type SimclrOptions, simclr } from './simclr';
import { simclrGolden } from './simclr.golden';

beforeAll(async () => {
  await cpu().open();
});

const network = mlpHead({ dims: [6, 5] });
const encoder: Encoder = {
  name: 'linear',
  inputShape: [6],
  outputDim: 5,
  variables: network.variables,
  apply: (input, context) => network.apply(tf.reshape(input, [-1, 6]), context),
};

function report(views: readonly tf.Tensor[], options: SimclrOptions = {}) {
  const bound = simclr(options).bind(encoder);
  const values = Object.entries(initialise(bound.variables, 0)).map(
    ([name, value]) => [name, toTensor(value)] as const,
  );
  const undrawn = (_: string, shape: readonly number[]) => tf.zeros([...shape]);
  const random = { normal: undrawn, uniform: undrawn };
  const { context } = layerContext(Object.fromEntries(values), { training: true, random });
  return { bound, ...bound.loss({ views, tensors: {}, scalars: {} }, context) };
}

const view = (seed: number) => tf.randomNormal([4, 6], 0, 1, 'float32', seed);

test('trains as the reference does', async () => {
  assertGolden(await readGolden(`${import.meta.dirname}/../golden/traj_simclr_sgd.json`), simclrGolden);
});

test('projects to 128 dimensions through a layer as wide as the encoder, unless told otherwise', () => {
  const shapeOf = (options: SimclrOptions, name: string) =>
    report([view(0), view(1)], options).bound.variables[name]?.shape;
  expect(shapeOf({}, 'projector/layers/0/dense/kernel')).toEqual([5, 5]);
  expect(shapeOf({}, 'projector/layers/1/dense/kernel')).toEqual([5, 128]);
  expect(shapeOf({ projector: [7, 3] }, 'projector/layers/1/dense/kernel')).toEqual([7, 3]);
});

test('takes more than two views, and shows the projection of the first', () => {
  const views = [view(0), view(1), view(2)];
  const { loss, terms, projection } = report(views, { projector: [8, 3], temperature: 0.2 });
  expect(numberOf(terms.ntXent ?? tf.scalar(0))).toBe(numberOf(loss));
  expect(projection.shape).toEqual([4, 3]);
  expect(numberOf(loss)).not.toBeCloseTo(numberOf(report(views, { projector: [8, 3] }).loss), 3);
  expect(numberOf(loss)).toBeGreaterThan(0);
  expect(numberOf(multiViewNtXentLoss([projection, projection, projection]))).toBeLessThan(numberOf(loss));
});
