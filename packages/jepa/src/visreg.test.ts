import { cpu, type Encoder, initialise, layerContext, mlpHead, tf, toTensor } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { normalQuantile } from './normalDistribution';
import { type VisregMethodOptions, visreg, visregLoss, visregTerms } from './visreg';
import { visregGolden } from './visreg.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  visregGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, views = 3, batch = 6, dim = 5) =>
  tf.randomNormal<tf.Rank.R3>([views, batch, dim], 0, 1, 'float32', seed);
const slices = () => tf.randomNormal<tf.Rank.R2>([5, 7], 0, 1, 'float32', 99);

test('pays for centre, scale and shape of two points on a line', () => {
  const z = tf.tensor3d([[[1], [5]]]); // mean 3, standard deviation 2; standardised ∓1
  const { scale, shape, centre, prediction } = visregTerms(z, tf.ones([1, 1]));
  expect(numberOf(centre)).toBeCloseTo(9, 5);
  expect(numberOf(scale)).toBeCloseTo(1, 5);
  expect(numberOf(shape)).toBeCloseTo((2 / 2.0001 - normalQuantile(2 / 3)) ** 2, 5);
  expect(numberOf(prediction)).toBe(0);
});

test('mixes prediction and regulariser at λ = 0.9, and the regulariser’s terms alike, unless told otherwise', () => {
  const [z, a] = [random(1), slices()];
  const { prediction, scale, shape, centre } = visregTerms(z, a, { globalViews: 2 });
  const [p, ...terms] = [prediction, scale, shape, centre].map(numberOf);
  const [v = 0, s = 0, c = 0] = terms;
  const loss = numberOf(visregLoss(z, a, { globalViews: 2 }));
  expect(loss).toBeCloseTo(0.1 * (p ?? 0) + 0.9 * (v + s + c), 5);
  const weights = { regulariserWeight: 1, scaleWeight: 2, shapeWeight: 3, centreWeight: 5 };
  expect(numberOf(visregLoss(z, a, weights))).toBeCloseTo(2 * v + 3 * s + 5 * c, 4);
  expect(numberOf(visregLoss(z, a))).not.toBeCloseTo(loss, 4);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, visregGolden));
});

test('has the gradient that differences of its values have, but for the scale that the shape does not see', () => {
  const a = slices();
  expectGradients((z) => visregLoss(z, a, { shapeWeight: 0 }), [random(2)], { step: 3e-3 });
  const z = random(3, 1);
  const along = gradientsOf(() => visregTerms(z, a).shape, { z }).reduce(
    (sum, slope, at) => sum + slope * (tf.sub(z, tf.mean(z, 1, true)).dataSync()[at] ?? 0),
    0,
  );
  expect(Math.abs(along)).toBeGreaterThan(1e-3); // without the stop-gradient it would be 0: the shape has no scale
});

test('depends neither on the order of samples and of global views, nor on the length of slices', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.double({ min: 0.01, max: 100, noNaN: true }), (seed, length) => {
      const [z, a] = [random(seed), slices()];
      const loss = numberOf(visregLoss(z, a));
      expect(numberOf(visregLoss(tf.reverse(z, 1), a))).toBeCloseTo(loss, 5);
      expect(numberOf(visregLoss(tf.reverse(z, 0), a))).toBeCloseTo(loss, 5);
      expect(numberOf(visregLoss(z, tf.mul(length, a)))).toBeCloseTo(loss, 4);
    }),
    { numRuns: 20 },
  );
});

describe('has finite gradients', () => {
  test.each([0, 1e-6, 1e4])('at scale %d', (scale) => {
    const z = tf.mul<tf.Tensor3D>(random(4), scale);
    expect(gradientsOf(() => visregLoss(z, slices()), { z }).every(Number.isFinite)).toBe(true);
  });

  test('that are not lost where everything has nearly collapsed', () => {
    const z = tf.add<tf.Tensor3D>(1, tf.mul(random(5), 1e-4));
    const gradient = gradientsOf(() => visregTerms(z, slices()).scale, { z });
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-2);
  });
});

test('refuses slices of another dimension, a batch of one and too many global views', () => {
  expect(refusalOf(() => visregLoss(random(1, 3, 6, 4), slices()))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => visregLoss(random(1, 3, 1), slices()))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => visregLoss(random(1), slices(), { globalViews: 4 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const network = mlpHead({ dims: [1, 5] });

  /** Encodes the mean of each view, so that views of any length will do. */
  const encoder: Encoder = {
    name: 'mean',
    inputShape: [6],
    outputDim: 5,
    variables: network.variables,
    apply: (input, context) => network.apply(tf.reshape(tf.mean(input, 1), [-1, 1]), context),
  };

  function report(views: readonly tf.Tensor[], options: VisregMethodOptions = {}) {
    const bound = visreg({ projector: [8, 5], slices: 7, ...options }).bind(encoder);
    const values = Object.entries(initialise(bound.variables, 0)).map(
      ([name, value]) => [name, toTensor(value)] as const,
    );
    const draw = (_: string, shape: readonly number[]) => tf.reshape(slices(), [...shape]);
    const random = { normal: draw, uniform: draw };
    const { context } = layerContext(Object.fromEntries(values), { training: true, random });
    return bound.loss({ views, tensors: {}, scalars: {} }, context);
  }

  const view = (seed: number, length: number) => tf.randomNormal([6, length], 0, 1, 'float32', seed);

  test('centres on the views of the first one’s shape, unless told how many are global', () => {
    const views = [view(0, 6), view(1, 6), view(2, 3)];
    const byShape = numberOf(report(views).loss);
    expect(numberOf(report(views, { globalViews: 2 }).loss)).toBe(byShape);
    expect(numberOf(report(views, { globalViews: 3 }).loss)).not.toBeCloseTo(byShape, 5);
  });

  test('weighs the terms that it reports, and shows the projection of view 0', () => {
    const { loss, terms, projection } = report([view(0, 6), view(1, 6)], { regulariserWeight: 0.25 });
    const { prediction = loss, scale = loss, shape = loss, centre = loss } = terms;
    const regulariser = numberOf(scale) + numberOf(shape) + numberOf(centre);
    expect(numberOf(loss)).toBeCloseTo(0.75 * numberOf(prediction) + 0.25 * regulariser, 5);
    expect(projection.shape).toEqual([6, 5]);
  });
});
