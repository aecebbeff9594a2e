import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, keptByTeacher, linearEncoder, stepOf } from './methodFixture';
import { type MocoLossOptions, moco, mocoLogits, mocoLoss } from './moco';
import { mocoGolden } from './moco.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  mocoGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);

function differentiate(q: tf.Tensor2D, k: tf.Tensor2D, queue: tf.Tensor2D, options: MocoLossOptions = {}) {
  const loss = () => mocoLoss(q, k, queue, options);
  return { loss: numberOf(loss()), gradients: gradientsOf(loss, { q, k }) };
}

test('is log(1 + K exp(−1/τ)) when keys agree with their queries and the queue is orthogonal', () => {
  const q = tf.tensor2d([
    [3, 0],
    [0.2, 0],
  ]);
  const queue = tf.tensor2d([
    [0, 1],
    [0, -1],
    [0, 1],
  ]);
  expect(numberOf(mocoLoss(q, q, queue))).toBeCloseTo(Math.log(1 + 3 * Math.exp(-5)), 6);
  expect(numberOf(mocoLoss(q, q, queue, { temperature: 1 }))).toBeCloseTo(Math.log(1 + 3 * Math.exp(-1)), 6);
  expect(numberOf(mocoLoss(q, q, queue, { temperature: tf.scalar(0.5) }))).toBeCloseTo(
    Math.log(1 + 3 * Math.exp(-2)),
    6,
  );
});

test('takes the queue as it is', () => {
  const logits = mocoLogits(tf.tensor2d([[2, 0]]), tf.tensor2d([[0, 3]]), tf.tensor2d([[5, 1]]), { temperature: 1 });
  expect([...logits.dataSync()]).toEqual([0, 5]);
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, mocoGolden));
});

test('has the gradient that differences of its values have, and none in the queue', () => {
  expectGradients((q, k) => mocoLoss(q, k, random(3, 9)), [random(1), random(2)]);
  const queue = random(3, 9);
  const gradients = gradientsOf(() => mocoLoss(random(1), random(2), queue), { queue });
  expect(gradients.every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of samples or of the queue, nor on the length of queries and keys', () => {
  const seeds = integer({ min: 0, max: 1e6 });
  const scale = double({ min: -6, max: 6, noNaN: true });
  assert(
    property(seeds, scale, (seed, exponent) => {
      const [q, k, queue] = [random(seed), random(seed + 1), random(seed + 2, 9)];
      const loss = numberOf(mocoLoss(q, k, queue));
      const moved = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.reverse(x, 0), 10 ** exponent);
      expect(numberOf(mocoLoss(moved(q), moved(k), tf.reverse(queue, 0)))).toBeCloseTo(loss, 4);
    }),
    { numRuns: 20 },
  );
});

describe('stays finite, with finite gradients,', () => {
  test('at log(1 + K) when everything is the same', () => {
    const z = tf.tile(tf.tensor2d([[0.6, 0.8]]), [6, 1]);
    const { loss, gradients } = differentiate(z, z, tf.tile(tf.tensor2d([[0.6, 0.8]]), [9, 1]), { temperature: 0.07 });
    expect(loss).toBeCloseTo(Math.log(10), 5);
    expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-5);
  });

  test('for a batch of one and rows of zeros, which get no gradient', () => {
    const { loss, gradients } = differentiate(tf.zeros([1, 5]), random(5, 1), random(6, 9));
    expect(loss).toBeCloseTo(Math.log(10), 5);
    expect(gradients.slice(0, 5).every((gradient) => gradient === 0)).toBe(true);
    expect(gradients.every(Number.isFinite)).toBe(true);
  });

  test.each([1e-6, 1e6])('at temperature %d', (temperature) => {
    const { loss, gradients } = differentiate(random(7), random(8), random(9, 9), { temperature });
    expect([loss, ...gradients].every(Number.isFinite)).toBe(true);
  });
});

test('refuses keys and queues that do not fit, and temperatures that are not positive', () => {
  expect(refusalOf(() => mocoLoss(random(1), random(2, 5), random(3)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => mocoLoss(random(1), random(2), random(3, 9, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => mocoLoss(random(1), random(2), random(3), { temperature: 0 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const small = { queueSize: 9, projector: [7, 3], momentum: 0.75 };

  const views = () => [inputView(1), inputView(2)];
  const matrix = (x: tf.Tensor | undefined, rows: number): tf.Tensor2D => tf.reshape(x ?? tf.zeros([0]), [rows, 3]);

  test('contrasts with the queue as it was, and enqueues the unit keys of the teacher', () => {
    const state = firstState(moco(small));
    const { loss, projection, updates } = stepOf(moco(small), views(), state);
    const keys = tf.slice2d(matrix(updates['queue/rows'], 9), [0, 0], [4, 3]);
    for (const length of tf.norm(keys, 2, 1).dataSync()) expect(length).toBeCloseTo(1, 5);
    expect(updates['queue/pointer']?.dataSync()[0]).toBe(4);
    expect(numberOf(loss)).toBeCloseTo(numberOf(mocoLoss(projection, keys, matrix(state['queue/rows'], 9))), 5);
    expect(numberOf(stepOf(moco({ ...small, temperature: 1 }), views(), state).loss)).toBeCloseTo(
      numberOf(mocoLoss(projection, keys, matrix(state['queue/rows'], 9), { temperature: 1 })),
      5,
    );
  });

  test('moves its teacher a share of 1 − momentum towards the student', () => {
    for (const share of keptByTeacher(moco(small))) expect(share).toBeCloseTo(0.75, 5);
  });

  test('holds 65536 keys of 128 numbers behind a hidden layer, unless told otherwise', () => {
    const { variables } = moco().bind(linearEncoder);
    expect(variables['queue/rows']?.shape).toEqual([65536, 128]);
    expect(variables['projector/layers/1/dense/kernel']?.shape).toEqual([5, 128]);
    expect(moco({ projector: [4] }).bind(linearEncoder).variables['queue/rows']?.shape).toEqual([65536, 4]);
  });

  test('refuses a momentum above 1 and a queue smaller than the batch', () => {
    expect(refusalOf(() => moco({ momentum: 1.5 }))).toBe('INVALID_OPTION');
    const tooSmall = moco({ ...small, queueSize: 3 });
    expect(refusalOf(() => stepOf(tooSmall, views(), firstState(tooSmall)))).toBe('INVALID_OPTION');
  });
});
