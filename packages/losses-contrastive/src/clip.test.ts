import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { clip, clipLogits, clipLoss } from './clip';
import { clipGolden } from './clip.golden';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  clipGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);

test('is log(1 + exp(−scale)) for two orthogonal pairs that agree', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);
  expect(numberOf(clipLoss(z, z, { logitScale: 2 }))).toBeCloseTo(Math.log(1 + Math.exp(-2)), 6);
  expect(numberOf(clipLoss(z, z, { logitScale: tf.scalar(1) }))).toBeCloseTo(Math.log(1 + Math.exp(-1)), 6);
  expect([...clipLogits(z, z).dataSync()]).toEqual([1, 0, 0, 1].map((cosine) => expect.closeTo(cosine / 0.07, 4)));
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, clipGolden));
});

test('has the gradient that differences of its values have, in the scale, too', () => {
  expectGradients((image, text) => clipLoss(image, text, { logitScale: 4 }), [random(1), random(2)]);
  expectGradients((logitScale) => clipLoss(random(1), random(2), { logitScale }), [tf.scalar(3)]);
});

test('does not depend on the order of pairs, on which side is which, or on the length of embeddings', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [image, text] = [random(seed), random(seed + 1)];
      const loss = numberOf(clipLoss(image, text));
      expect(numberOf(clipLoss(tf.reverse(image, 0), tf.reverse(text, 0))) / loss).toBeCloseTo(1, 4);
      expect(numberOf(clipLoss(text, image)) / loss).toBeCloseTo(1, 4);
      expect(numberOf(clipLoss(tf.mul(image, 10 ** exponent), text)) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for equal rows, zeros, one pair and the largest scale', () => {
  const gradients = (image: tf.Tensor2D, text: tf.Tensor2D, logitScale = 100) =>
    gradientsOf(() => clipLoss(image, text, { logitScale }), { image, text });
  const same = tf.tile(random(3, 1), [6, 1]);
  expect(numberOf(clipLoss(same, same))).toBeCloseTo(Math.log(6), 4);
  expect(gradients(same, same).every(Number.isFinite)).toBe(true);
  expect(gradients(tf.zeros([6, 5]), random(4)).slice(0, 30)).toEqual(
    Array.from({ length: 30 }, () => expect.closeTo(0)),
  );
  expect(gradients(random(5), random(6)).every(Number.isFinite)).toBe(true);
  expect(numberOf(clipLoss(random(7, 1), random(8, 1)))).toBeCloseTo(0, 6);
});

test('refuses sides that do not match, and scales that are not positive', () => {
  expect(refusalOf(() => clipLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => clipLoss(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => clipLoss(random(1), random(2), { logitScale: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => clip({ logitScale: -1 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const views = () => [inputView(1), inputView(2)];

  test('begins at the scale that it is given, and learns its logarithm', () => {
    const state = firstState(clip({ logitScale: 5, projector: [3] }));
    expect(numberOf(state.logScale ?? tf.scalar(0))).toBeCloseTo(Math.log(5), 6);
    expect(clip().bind(linearEncoder).variables.logScale?.trainable).toBe(true);
    const warmer = { ...state, logScale: tf.scalar(1) };
    const losses = [state, warmer].map((values) => numberOf(stepOf(clip({ projector: [3] }), views(), values).loss));
    expect(losses[0]).not.toBeCloseTo(losses[1] ?? 0, 3);
  });

  test('keeps the scale at 100 or below', () => {
    const state = firstState(clip({ projector: [3] }));
    const clamped = (logScale: number) =>
      numberOf(
        stepOf(clip({ projector: [3] }), views(), { ...state, logScale: tf.scalar(logScale) }).moved.logScale ??
          tf.scalar(0),
      );
    expect(clamped(7)).toBeCloseTo(Math.log(100), 5);
    expect(clamped(2)).toBeCloseTo(2, 6);
  });

  test('projects to 512 numbers unless told otherwise', () => {
    const shapeOf = (projector?: readonly number[]) =>
      clip(projector ? { projector } : {}).bind(linearEncoder).variables['projector/layers/0/dense/kernel']?.shape;
    expect(shapeOf()).toEqual([5, 512]);
    expect(shapeOf([3])).toEqual([5, 3]);
  });

  test('has a second encoder with a projector of its own where it is given one', () => {
    const two = clip({ projector: [3], second: linearEncoder });
    const state = firstState(two);
    const names = Object.keys(state).filter((name) => name.startsWith('second/'));
    expect(names).toContain('second/encoder/layers/0/dense/kernel');
    expect(names).toContain('second/projector/layers/0/dense/kernel');
    const { loss, projection } = stepOf(two, views(), state);
    const kernel = 'second/projector/layers/0/dense/kernel';
    const moved = { ...state, [kernel]: tf.neg(state[kernel] ?? tf.scalar(0)) };
    const other = stepOf(two, views(), moved);
    expect(numberOf(other.loss)).not.toBeCloseTo(numberOf(loss), 3);
    expect([...other.projection.dataSync()]).toEqual([...projection.dataSync()]);
  });
});
