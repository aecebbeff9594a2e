import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, stepOf } from './methodFixture';
import { siglip, siglipLoss } from './siglip';
import { siglipGolden } from './siglip.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  siglipGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);
const softplus = (x: number) => Math.log1p(Math.exp(x));

test('asks of each combination whether it is a pair: softplus(−t − b) and softplus(b) for two orthogonal pairs', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);
  expect(numberOf(siglipLoss(z, z, { logitScale: 2, logitBias: -1 }))).toBeCloseTo(softplus(-1) + softplus(-1), 6);
  expect(numberOf(siglipLoss(z, z, { logitScale: 2, logitBias: tf.scalar(-3) }))).toBeCloseTo(
    softplus(1) + softplus(-3),
    6,
  );
  expect(numberOf(siglipLoss(z, z))).toBeCloseTo(softplus(0) + softplus(-10), 6);
});

describe('agrees with the reference', () => {
  test('in three golden files', () => expect(files.length).toBe(3));
  test.each(files)('$name', (file) => assertGolden(file, siglipGolden));
});

test('has the gradient that differences of its values have, in scale and bias, and at logits of 0', () => {
  expectGradients((image, text) => siglipLoss(image, text, { logitScale: 3, logitBias: -2 }), [random(1), random(2)]);
  expectGradients((logitScale) => siglipLoss(random(1), random(2), { logitScale }), [tf.scalar(3)]);
  expectGradients((logitBias) => siglipLoss(random(1), random(2), { logitBias }), [tf.scalar(-3)]);
  const logitBias = tf.scalar(0);
  const nothing: tf.Tensor2D = tf.zeros([2, 3]); // two pairs pull the bias up by a half each, two others down
  expect(gradientsOf(() => siglipLoss(nothing, nothing, { logitBias }), { logitBias })[0]).toBeCloseTo(0, 6);
  const pair: tf.Tensor2D = tf.zeros([1, 3]);
  expect(gradientsOf(() => siglipLoss(pair, pair, { logitBias }), { logitBias })[0]).toBeCloseTo(-0.5, 6);
});

test('does not depend on the order of pairs, on which side is which, or on the length of embeddings', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
      const [image, text] = [random(seed), random(seed + 1)];
      const loss = numberOf(siglipLoss(image, text));
      expect(numberOf(siglipLoss(tf.reverse(image, 0), tf.reverse(text, 0))) / loss).toBeCloseTo(1, 4);
      expect(numberOf(siglipLoss(text, image)) / loss).toBeCloseTo(1, 4);
      expect(numberOf(siglipLoss(tf.mul(image, 10 ** exponent), text)) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for logits of ±1e4, equal rows and one pair', () => {
  const gradients = (image: tf.Tensor2D, text: tf.Tensor2D, logitScale: number) => [
    numberOf(siglipLoss(image, text, { logitScale })),
    ...gradientsOf(() => siglipLoss(image, text, { logitScale }), { image, text }),
  ];
  const same = tf.tile(random(3, 1), [6, 1]);
  expect(gradients(same, same, 1e4).every(Number.isFinite)).toBe(true);
  expect(gradients(random(4), random(5), 1e4).every(Number.isFinite)).toBe(true);
  expect(gradients(random(6, 1), random(7, 1), 10).every(Number.isFinite)).toBe(true);
});

test('refuses sides that do not match, and scales that are not positive', () => {
  expect(refusalOf(() => siglipLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => siglipLoss(random(1), random(2), { logitScale: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => siglip({ logitScale: -1 }))).toBe('INVALID_OPTION');
});

test('the method learns scale and bias, from those that it is given', () => {
  const options = { logitScale: 5, logitBias: -3, projector: [3] };
  const state = firstState(siglip(options));
  expect(numberOf(state.logScale ?? tf.scalar(0))).toBeCloseTo(Math.log(5), 6);
  expect(numberOf(state.logitBias ?? tf.scalar(0))).toBe(-3);
  const lossAt = (values: object) =>
    numberOf(stepOf(siglip(options), [inputView(1), inputView(2)], { ...state, ...values }).loss);
  expect(lossAt({ logScale: tf.scalar(0) })).not.toBeCloseTo(lossAt({}), 3);
  expect(lossAt({ logitBias: tf.scalar(0) })).not.toBeCloseTo(lossAt({}), 3);
});
