import { beforeAll, expect, test } from 'vitest';
import { cpu } from '../backends/cpu';
import { toTensor } from '../backends/eager';
import { fixtureRandom } from '../goldenFixture';
import { tf } from '../tf';
import { initialise, layerContext } from './layer';
import { prototypeScores, prototypes } from './prototypes';

beforeAll(async () => {
  await cpu().open();
});

const values = (x: tf.Tensor) => [...x.dataSync()];

test('scores are cosines, whatever the lengths of samples and prototypes', () => {
  const kernel = tf.tensor2d([
    [2, 0],
    [0, 0.1],
    [-3, -3],
  ]);
  const scores = values(prototypeScores(tf.tensor2d([[3, 4]]), kernel));
  const expected = [0.6, 0.8, -1.4 / Math.SQRT2];
  for (const [at, score] of scores.entries()) expect(score).toBeCloseTo(expected[at] ?? Number.NaN, 6);
});

test('the layer’s prototypes begin with lengths around 1, in all directions', () => {
  const layer = prototypes({ dim: 64, count: 200 });
  const { kernel } = initialise(layer.variables, 0);
  if (!kernel) throw new Error('There is no kernel.');
  const state = { kernel: toTensor(kernel) };
  const lengths = tf.norm(state.kernel, 'euclidean', 1);
  expect(values(tf.mean(lengths))[0]).toBeCloseTo(1, 1);
  const { context } = layerContext(state, { training: true, random: fixtureRandom });
  const scores = layer.apply(tf.ones([1, 64]), context);
  expect(scores.shape).toEqual([1, 200]);
  expect(Math.abs(values(tf.mean(scores))[0] ?? 1)).toBeLessThan(0.05);
});
