import { beforeAll, expect, test } from 'vitest';
import { cpu } from '../backends/cpu';
import { differentiated, fixtureRandom } from '../goldenFixture';
import { tf } from '../tf';
import { afterNorm } from './afterNorm';
import { dense } from './dense';
import { type LayerContext, layerContext } from './layer';
import { layerNorm } from './layerNorm';
import { transformerBlock } from './transformer';

beforeAll(async () => {
  await cpu().open();
});

const [dim, outputDim] = [6, 5];
const draw = (shape: number[], seed: number, mean = 0) => tf.randomNormal(shape, mean, 1, 'float32', seed);
const norm = layerNorm({ dim });
const map = dense<tf.Tensor>({ inputDim: dim, outputDim });
const variables = () => ({
  'norm/scale': draw([dim], 1, 1),
  'norm/offset': draw([dim], 2),
  'map/kernel': draw([dim, outputDim], 3),
  'map/bias': draw([outputDim], 4),
});
const weighted = (output: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tf.sin(output), draw([...output.shape], 5)));

test('gives values and gradients of a layer norm and a dense layer one after the other', () => {
  const values = { ...variables(), x: draw([2, 3, dim], 6, 0.5) };
  const inTurn = (context: LayerContext) =>
    map.apply(norm.apply(values.x, context.scope('norm')), context.scope('map'));
  const together = afterNorm({ name: 'norm', layer: norm }, { name: 'map', layer: map }, []);
  const expected = differentiated(values, inTurn, weighted);
  const found = differentiated(values, (context) => together(values.x, context), weighted);
  expectClose(found.output, expected.output);
  expect(Object.keys(found.gradients)).toEqual(Object.keys(expected.gradients));
  for (const [name, gradient] of Object.entries(expected.gradients)) expectClose(found.gradients[name], gradient);
});

test('is finite where all elements of a vector are equal', () => {
  const values = { ...variables(), x: tf.fill([3, dim], 1e4) };
  const together = afterNorm({ name: 'norm', layer: norm }, { name: 'map', layer: map }, []);
  const { gradients } = differentiated(values, (context) => together(values.x, context), weighted);
  for (const gradient of Object.values(gradients)) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
});

test('lets a transformer block compute the same in training and in evaluation', () => {
  const block = transformerBlock({ dim: 8, heads: 2 });
  const shapes = Object.entries(block.variables).map(([name, { shape }]) => [name, shape] as const);
  const values = Object.fromEntries(shapes.map(([name, shape], index) => [name, draw([...shape], 10 + index)]));
  const input: tf.Tensor3D = tf.randomNormal([2, 3, 8], 0, 1, 'float32', 7);
  const [training, evaluation] = [true, false].map((training) =>
    block.apply(input, layerContext(values, { training, random: fixtureRandom }).context),
  );
  expectClose(training, evaluation);
});

function expectClose(found: tf.Tensor | undefined, expected: tf.Tensor | undefined): void {
  if (!found || !expected) throw new Error('A tensor is missing.');
  const size = tf.max(tf.abs(expected)).dataSync()[0] ?? 0;
  expect(size).toBeGreaterThan(0);
  expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]).toBeLessThan(1e-5 * size);
}
