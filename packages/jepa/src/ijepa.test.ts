import {
  cpu,
  dense,
  type Encoder,
  initialise,
  layerContext,
  type NamedTensors,
  patchify,
  randomStream,
  sinCosPositions,
  type TokenEncoder,
  tf,
  toTensor,
  variablesOf,
} from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { type IjepaOptions, ijepa, ijepaLoss, ijepaTargets } from './ijepa';
import { ijepaGolden } from './ijepa.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  ijepaGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, tokens = 4) => tf.randomNormal<tf.Rank.R3>([2, tokens, 6], 0, 1, 'float32', seed);
const mask = () => tf.tensor2d([0, 3, 3, 1], [2, 2], 'int32');

test('is half the squared distance up to 1, and the distance less a half beyond', () => {
  const zeros = tf.zeros<tf.Rank.R3>([1, 1, 4]);
  const predictions = tf.tensor3d([[[0, 0.5, -1, 3]]]);
  expect(numberOf(ijepaLoss(predictions, zeros))).toBeCloseTo((0 + 0.125 + 0.5 + 2.5) / 4, 6);
});

test('targets are the tokens of the mask, each with mean 0 and deviation 1', () => {
  const h = random(1);
  const targets = ijepaTargets(h, mask());
  expect(targets.shape).toEqual([2, 2, 6]);
  const { mean, variance } = tf.moments(targets, 2);
  for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 5);
  for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 3);
  const scaled = ijepaTargets(tf.add(tf.mul(h, 7), 3), mask());
  expect([...scaled.dataSync()]).toEqual([...targets.dataSync()].map((value) => expect.closeTo(value, 3)));
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, ijepaGolden));
});

test('has the gradient that differences of its values have, and none in the teacher’s tokens', () => {
  expectGradients((z, targets) => ijepaLoss(z, targets), [random(1), random(2)]);
  const h = random(3);
  const gradients = gradientsOf(() => ijepaLoss(random(4, 2), ijepaTargets(h, mask())), { h });
  expect(gradients.every((gradient) => gradient === 0)).toBe(true);
});

test('stays finite, with finite gradients, when predictions are right, huge, or of constant tokens', () => {
  const finite = (z: tf.Tensor3D, targets: tf.Tensor3D) =>
    [numberOf(ijepaLoss(z, targets)), ...gradientsOf(() => ijepaLoss(z, targets), { z })].every(Number.isFinite);
  expect(finite(random(1), random(1))).toBe(true);
  expect(finite(tf.mul(random(1), 1e30), random(2))).toBe(true);
  expect(finite(random(1, 2), ijepaTargets(tf.ones([2, 4, 6]), mask()))).toBe(true);
});

test('refuses predictions that are not one for each target', () => {
  expect(refusalOf(() => ijepaLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
});

const tokenDim = 8;
const patches = dense<tf.Tensor3D>({ inputDim: 4, outputDim: tokenDim });

/** Patches of two pixels a side on a grid of 6 × 6, through a dense layer and no blocks: tokens know their own patch alone. */
const encoder: TokenEncoder = {
  name: 'patches',
  inputShape: [12, 12, 1],
  outputDim: tokenDim,
  grid: [6, 6],
  tokenDim,
  variables: variablesOf({ patches }),
  embed: (input, context) => patches.apply(patchify(tf.reshape(input, [-1, 12, 12, 1]), 2), context.scope('patches')),
  positions: () => sinCosPositions([6, 6], tokenDim),
  encode: (tokens) => ({ tokens, features: tf.mean<tf.Tensor2D>(tokens, 1) }),
  tokens: (input, context) => tf.add(encoder.embed(input, context), encoder.positions(context)),
  apply: (input, context) => encoder.encode(encoder.tokens(input, context), context).features,
};

function stepOf(view: tf.Tensor, options: IjepaOptions = {}) {
  const bound = ijepa({ predictorDim: 8, predictorDepth: 1, ...options }).bind(encoder);
  const state: NamedTensors = Object.fromEntries(
    Object.entries(initialise(bound.variables, 0)).map(([name, value]) => [name, toTensor(value)]),
  );
  const drawn = bound.draws?.draw(randomStream(['draws']), view.shape[0] ?? 0) ?? {};
  const tensors = Object.fromEntries(Object.entries(drawn).map(([name, value]) => [name, toTensor(value)]));
  const undrawn = (_: string, shape: readonly number[]) => tf.zeros([...shape]);
  const { context } = layerContext(state, { training: true, random: { normal: undrawn, uniform: undrawn } });
  return { ...bound.loss({ views: [view], tensors, scalars: {} }, context), drawn };
}

describe('the method', () => {
  const image = () => tf.randomNormal([3, 12, 12, 1], 0, 1, 'float32', 1);

  test('does not show the student the patches that only targets cover', () => {
    const { loss, projection, drawn } = stepOf(image());
    const shown = new Set(drawn['masks/context']?.data.slice(0, 10));
    const hidden = Array.from({ length: 36 }, (_, patch) => patch).find((patch) => !shown.has(patch)) ?? 0;
    const changed = tf.buffer<tf.Rank.R4>([3, 12, 12, 1], 'float32', Float32Array.from(image().dataSync()));
    changed.set(9, 0, 2 * Math.floor(hidden / 6), 2 * (hidden % 6), 0);
    const other = stepOf(changed.toTensor());
    expect([...other.projection.dataSync()]).toEqual([...projection.dataSync()]);
    expect(Number.isFinite(numberOf(loss))).toBe(true);
  });

  test('has the predictor that its options say, of 384 numbers and 12 blocks unless told otherwise', () => {
    const { variables } = ijepa().bind(encoder);
    expect(variables['predictor/embed/kernel']?.shape).toEqual([tokenDim, 384]);
    expect(variables['predictor/blocks/11/norm1/scale']?.shape).toEqual([384]);
    expect(variables['predictor/project/kernel']?.shape).toEqual([384, tokenDim]);
    expect(variables['teacher/encoder/patches/kernel']?.trainable).toBe(false);
    expect('teacher/predictor/maskToken' in variables).toBe(false);
  });

  test('refuses encoders without tokens or of another grid, views of another size, and predictors that do not fit', () => {
    const { grid: _, tokenDim: __, ...vectors } = encoder;
    const plain: Encoder = vectors;
    expect(refusalOf(() => ijepa().bind(plain))).toBe('INVALID_OPTION');
    const flat: TokenEncoder = { ...encoder, grid: [36] };
    expect(refusalOf(() => ijepa().bind(flat))).toBe('INVALID_OPTION');
    expect(refusalOf(() => ijepa({ predictorDim: 6 }).bind(encoder))).toBe('INVALID_OPTION');
    expect(refusalOf(() => ijepa({ predictorDim: 8, predictorHeads: 3 }).bind(encoder))).toBe('INVALID_OPTION');
    expect(refusalOf(() => stepOf(tf.zeros([3, 8, 8, 1])))).toBe('SHAPE_MISMATCH');
    expect(refusalOf(() => ijepa({ momentum: 2 }))).toBe('INVALID_OPTION');
  });
});
