import { beforeAll, expect, test } from 'vitest';
import { cpu } from '../backends/cpu';
import { tf } from '../tf';
import { initialise, layerContext, type Variable, variablesOf } from './layer';

beforeAll(async () => {
  await cpu().open();
});

const normal: Variable = {
  shape: [3],
  trainable: true,
  initial: (_, random) => Float32Array.from({ length: 3 }, random.normal),
};
const noRandom = { normal: () => tf.scalar(0), uniform: () => tf.scalar(0) };

test('names variables after the path of their layer', () => {
  const block = { variables: variablesOf({ conv: { variables: { kernel: normal } } }) };
  expect(Object.keys(variablesOf({ first: block, second: block }))).toEqual([
    'first/conv/kernel',
    'second/conv/kernel',
  ]);
});

test('adding a variable leaves the first values of the others as they were', () => {
  const alone = initialise({ a: normal }, 7);
  const together = initialise({ b: normal, a: normal }, 7);
  expect(together.a).toEqual(alone.a);
  expect(together.b).not.toEqual(together.a);
  expect(initialise({ a: normal }, 8).a).not.toEqual(alone.a);
});

test('a copy starts where its original does, whatever the order, and is not the same memory', () => {
  const values = initialise({ 'teacher/a': { shape: [3], trainable: false, initial: { copyOf: 'a' } }, a: normal }, 7);
  expect(values['teacher/a']).toEqual(values.a);
  expect(values['teacher/a']?.data).not.toBe(values.a?.data);
});

test('more than 8.6 GB are refused before any of it is made, by the name of the largest', () => {
  const wide: Variable = { ...normal, shape: [50_000, 50_000], initial: () => expect.unreachable() };
  expect(() => initialise({ a: normal, 'projector/0/kernel': wide }, 0)).toThrowError(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/10\.0 GB; projector\/0\/kernel is \[50000,50000\]/),
    }),
  );
});

test('an initialiser that fills another number of elements is refused', () => {
  expect(() => initialise({ a: { ...normal, shape: [4] } }, 0)).toThrowError(
    expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
  );
});

test('scopes see their own variables, updates are seen by later reads and collected by full name', () => {
  const { context, updates } = layerContext({ 'norm/mean': tf.scalar(1) }, { training: true, random: noRandom });
  const norm = context.scope('norm');
  norm.update('mean', tf.scalar(2));
  expect(norm.get('mean').dataSync()[0]).toBe(2);
  expect(updates['norm/mean']?.dataSync()[0]).toBe(2);
});

test('a variable that is missing is named, with similar ones', () => {
  const { context } = layerContext({ 'encoder/conv/kernel': tf.scalar(1) }, { training: true, random: noRandom });
  expect(() => context.scope('conv').get('kernel')).toThrowError(
    expect.objectContaining({ code: 'VARIABLE_MISSING', fix: 'Similar: encoder/conv/kernel.' }),
  );
  expect(() => context.update('other', tf.scalar(0))).toThrowError(
    expect.objectContaining({ code: 'VARIABLE_MISSING' }),
  );
});

test('what is shared is made once in a scope, and again when it was disposed of', () => {
  const { context } = layerContext({}, { training: true, random: noRandom });
  let made = 0;
  const shared = (scope: string) => context.scope(scope).shared('doubled', () => tf.scalar(++made));
  const first = shared('a');
  expect([shared('a'), shared('b')].map((tensor) => tensor.dataSync()[0])).toEqual([1, 2]);
  first.dispose();
  expect(shared('a').dataSync()[0]).toBe(3);
});

test('random draws carry the name of the scope that asks, and a number when it asks again', () => {
  const asked: string[] = [];
  const uniform = (name: string) => {
    asked.push(name);
    return tf.scalar(0);
  };
  const random = { ...noRandom, uniform };
  const { context } = layerContext({}, { training: true, random });
  context.scope('block').scope('dropout').random.uniform('keep', []);
  context.scope('block').scope('dropout').random.uniform('keep', []);
  expect(asked).toEqual(['block/dropout/keep', 'block/dropout/keep#2']);
});
