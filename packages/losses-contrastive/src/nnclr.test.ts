import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';
import { nearestNeighbours, nnclr, nnclrLoss } from './nnclr';
import { nnclrGolden } from './nnclr.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  nnclrGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);

test('finds the row at the smallest angle, and gives it as it is', () => {
  const queue = tf.tensor2d([
    [0, 5],
    [9, 9],
    [0.1, 0.01],
  ]);
  const z = tf.tensor2d([
    [1, 0],
    [2, 1.9],
    [-1, 3],
  ]);
  const expected = [0.1, 0.01, 9, 9, 0, 5].map((value) => expect.closeTo(value, 6));
  expect([...nearestNeighbours(z, queue).dataSync()]).toEqual(expected);
});

test('is log(1 + exp(−1/τ)) when predictions agree with their neighbours and the other is orthogonal', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);
  expect(numberOf(nnclrLoss(z, z))).toBeCloseTo(Math.log1p(Math.exp(-10)), 6);
  expect(numberOf(nnclrLoss(z, z, { temperature: 1 }))).toBeCloseTo(Math.log1p(Math.exp(-1)), 6);
});

test('contrasts each neighbour with all predictions, and not the other way round', () => {
  const nn = tf.tensor2d([
    [1, 0],
    [1, 0],
  ]);
  const p = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]);
  const surprise = (own: number, other: number) => Math.log(1 + Math.exp(other - own));
  expect(numberOf(nnclrLoss(nn, p, { temperature: 1 }))).toBeCloseTo((surprise(1, 0) + surprise(0, 1)) / 2, 6);
  expect(numberOf(nnclrLoss(p, nn, { temperature: 1 }))).toBeCloseTo(Math.log(2), 6);
});

describe('agrees with the reference', () => {
  test('in two golden files', () => expect(files.length).toBe(2));
  test.each(files)('$name', (file) => assertGolden(file, nnclrGolden));
});

test('has the gradient that differences of its values have, and none through the search', () => {
  expectGradients((nn, p) => nnclrLoss(nn, p, { temperature: 0.3 }), [random(1), random(2)]);
  const [z, queue] = [random(3), random(4, 9)];
  const stopped = gradientsOf(() => nnclrLoss(nearestNeighbours(z, queue), random(2)), { z, queue });
  expect(stopped.every((gradient) => gradient === 0)).toBe(true);
});

test('does not depend on the order of samples or of the queue, nor on the length of rows', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [z, queue, p] = [random(seed), random(seed + 1, 9), random(seed + 2)];
      const loss = numberOf(nnclrLoss(nearestNeighbours(z, queue), p));
      const turned = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.reverse(x, 0), 10 ** exponent);
      expect(numberOf(nnclrLoss(nearestNeighbours(turned(z), turned(queue)), turned(p))) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for equal rows, zeros, a batch of one and extreme temperatures', () => {
  const differentiate = (z: tf.Tensor2D, p: tf.Tensor2D, temperature = 0.1) => {
    const loss = () => nnclrLoss(nearestNeighbours(z, random(9, 9)), p, { temperature });
    return [numberOf(loss()), ...gradientsOf(loss, { p })];
  };
  const same = tf.tile(random(1, 1), [6, 1]);
  expect(differentiate(same, same)[0]).toBeCloseTo(Math.log(6), 4);
  expect(differentiate(random(2, 1), random(3, 1))[0]).toBeCloseTo(0, 5);
  expect(differentiate(tf.zeros([6, 5]), tf.zeros([6, 5])).every(Number.isFinite)).toBe(true);
  for (const temperature of [1e-6, 1e6]) {
    expect(differentiate(random(5), random(6), temperature).every(Number.isFinite)).toBe(true);
  }
});

test('refuses shapes that do not fit and temperatures that are not positive', () => {
  expect(refusalOf(() => nnclrLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => nearestNeighbours(random(1), random(2, 9, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => nnclrLoss(random(1), random(2), { temperature: 0 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const small = { queueSize: 9, projector: [7, 3], predictor: [6, 3] };
  const views = () => [inputView(1), inputView(2)];
  const matrix = (x: tf.Tensor | undefined): tf.Tensor2D => tf.reshape(x ?? tf.zeros([0]), [9, 3]);

  test('looks neighbours up before it adds the unit projections of view 0', () => {
    const state = firstState(nnclr(small));
    const { loss, projection, updates } = stepOf(nnclr(small), views(), state);
    const added = tf.slice2d(matrix(updates['queue/rows']), [0, 0], [4, 3]);
    const unit = tf.div(projection, tf.norm(projection, 2, 1, true));
    expect(numberOf(tf.max(tf.abs(tf.sub(added, unit))))).toBeLessThan(1e-5);
    expect(updates['queue/pointer']?.dataSync()[0]).toBe(4);
    const after = stepOf(nnclr(small), views(), { ...state, 'queue/rows': matrix(updates['queue/rows']) });
    expect(numberOf(after.loss)).not.toBeCloseTo(numberOf(loss), 3); // view 0 is its own neighbour now
  });

  test('treats both views alike, at its temperature', () => {
    const state = firstState(nnclr(small));
    const loss = numberOf(stepOf(nnclr(small), views(), state).loss);
    expect(numberOf(stepOf(nnclr(small), views().reverse(), state).loss)).toBeCloseTo(loss, 4);
    expect(numberOf(stepOf(nnclr({ ...small, temperature: 1 }), views(), state).loss)).not.toBeCloseTo(loss, 2);
  });

  test('has the paper’s heads, and refuses a queue smaller than the batch or a predictor that does not fit', () => {
    const { variables } = nnclr().bind(linearEncoder);
    expect(variables['projector/layers/2/dense/kernel']?.shape).toEqual([2048, 256]);
    expect(variables['predictor/layers/1/dense/kernel']?.shape).toEqual([4096, 256]);
    expect(variables['queue/rows']?.shape).toEqual([65536, 256]);
    expect(refusalOf(() => nnclr({ ...small, predictor: [6, 4] }).bind(linearEncoder))).toBe('INVALID_OPTION');
    const tooSmall = nnclr({ ...small, queueSize: 3 });
    expect(refusalOf(() => stepOf(tooSmall, views(), firstState(tooSmall)))).toBe('INVALID_OPTION');
  });
});
