import { beforeAll, expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { toTensor } from './backends/eager';
import type { Encoder } from './encoder';
import { dense } from './nn/dense';
import { initialise, layerContext, variablesOf } from './nn/layer';
import { mlpHead } from './nn/mlpHead';
import { projectViews } from './projectViews';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

/** Sums each view's pixels and adds noise, so that views of any size can be encoded and draws be seen. */
const encoder: Encoder = {
  name: 'sum',
  inputShape: [2, 2, 1],
  outputDim: 3,
  variables: dense({ inputDim: 1, outputDim: 3 }).variables,
  apply: (input, context) => {
    const sums: tf.Tensor2D = tf.reshape(tf.sum(input, [1, 2, 3]), [-1, 1]);
    context.random.normal('noise', [1]);
    return dense({ inputDim: 1, outputDim: 3 }).apply(sums, context);
  },
};
const projector = mlpHead({ dims: [3, 4, 2] });

function project(views: readonly tf.Tensor[], minBatch = 1) {
  const initial = initialise(variablesOf({ encoder, projector }), 0);
  const values = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
  const draws: string[] = [];
  const normal = (name: string, shape: readonly number[]) => {
    draws.push(name);
    return tf.zeros([...shape]);
  };
  const { context } = layerContext(values, { training: true, random: { normal, uniform: normal } });
  return { z: projectViews(views, { encoder, projector, minBatch }, context), draws };
}

const view = (seed: number, size: number, batch = 4) => tf.randomNormal([batch, size, size, 1], 0, 1, 'float32', seed);

test('keeps the order of views whatever their sizes, and gives each size its own random draws', () => {
  const views = [view(0, 2), view(1, 3), view(2, 2)];
  const { z, draws } = project(views);
  const padded = views.map((each) =>
    tf.pad(each, [
      [0, 0],
      [0, 3 - (each.shape[1] ?? 0)],
      [0, 3 - (each.shape[2] ?? 0)],
      [0, 0],
    ]),
  );
  expect(z.shape).toEqual([12, 2]);
  expect(draws).toEqual(['encoder/noise', 'encoder/noise#2']);
  const joint = project(padded);
  expect(joint.draws).toEqual(['encoder/noise']);
  expect(tf.max(tf.abs(tf.sub(z, joint.z))).dataSync()[0]).toBeLessThan(1e-5);
});

test('lets batch norm see all views as one batch', () => {
  const [a, b] = [view(0, 2), tf.add(view(1, 2), 5)];
  const joint = tf.slice(project([a, b]).z, [0, 0], [4, 2]);
  expect(tf.max(tf.abs(tf.sub(joint, project([a]).z))).dataSync()[0]).toBeGreaterThan(0.01);
});

test('refuses views of different samples and batches that are too small', () => {
  expect(() => project([view(0, 2), view(1, 2, 5)])).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  expect(() => project([])).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  expect(() => project([view(0, 2, 1)], 2)).toThrow(expect.objectContaining({ code: 'BATCH_TOO_SMALL' }));
});
