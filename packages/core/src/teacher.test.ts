import { beforeAll, expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { toTensor } from './backends/eager';
import { fixtureRandom } from './goldenFixture';
import { batchNorm } from './nn/batchNorm';
import { dense } from './nn/dense';
import { initialise, layerContext, variablesOf } from './nn/layer';
import { sequential } from './nn/sequential';
import { moveTeacher, teacherMomentum, teacherOf } from './teacher';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

const layer = sequential({
  dense: dense({ inputDim: 2, outputDim: 3, bias: false }),
  norm: batchNorm({ channels: 3 }),
});
const student = variablesOf({ encoder: layer });
const variables = { ...student, ...teacherOf(student) };
const first = () => {
  const values = Object.entries(initialise(variables, 0)).map(([name, value]) => [name, toTensor(value)] as const);
  return Object.fromEntries(values);
};
const contextOf = (values: Record<string, tf.Tensor>, training = true) =>
  layerContext(values, { training, random: fixtureRandom });
const numbers = (x: tf.Tensor | undefined) => [...(x?.dataSync() ?? [])];

test('a teacher begins as its student and is not trained', () => {
  const values = first();
  for (const name of Object.keys(student)) {
    expect(numbers(values[`teacher/${name}`])).toEqual(numbers(values[name]));
    expect(variables[`teacher/${name}`]?.trainable).toBe(false);
  }
});

test('it moves by the average of trained variables alone', () => {
  const kernel = 'encoder/dense/kernel';
  const values = { ...first(), [kernel]: tf.ones([2, 3]), [`teacher/${kernel}`]: tf.fill([2, 3], 3) };
  const { context, updates } = contextOf(values, false);
  moveTeacher(context, student, 0.75);
  expect(numbers(updates[`teacher/${kernel}`])).toEqual(Array(6).fill(2.5));
  expect(Object.keys(updates).sort()).toEqual(
    ['dense/kernel', 'norm/offset', 'norm/scale'].map((name) => `teacher/encoder/${name}`),
  );
});

test('its batch norm keeps statistics of its own', () => {
  const { context, updates } = contextOf(first());
  layer.apply(
    tf.tensor2d([
      [1, 2],
      [3, 5],
    ]),
    context.scope('teacher').scope('encoder'),
  );
  expect(Object.keys(updates).sort()).toEqual(
    ['runningMean', 'runningVariance'].map((name) => `teacher/encoder/norm/${name}`),
  );
});

test('its momentum rises from its start to 1, by a cosine, a line or not at all', () => {
  const at = (shape: 'cosine' | 'linear' | 'constant') => [0, 50, 100].map(teacherMomentum(0.9, { shape })(100, 10));
  expect(at('cosine')).toEqual([0.9, expect.closeTo(0.95, 12), 1]);
  expect(at('linear')).toEqual([0.9, expect.closeTo(0.95, 12), 1]);
  expect(at('constant')).toEqual([0.9, 0.9, 0.9]);
  expect(teacherMomentum(0.9, { end: 0.99 })(10, 1)(10)).toBe(0.99);
});

test('refuses a momentum that is no share', () => {
  for (const make of [
    () => teacherMomentum(1.1),
    () => teacherMomentum(-0.1),
    () => teacherMomentum(0.9, { end: 2 }),
  ]) {
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  }
});
