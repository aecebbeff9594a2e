import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { lejepaDefinition } from './definitions/lejepa';
import { watson } from './distributionDistances';
import { type LejepaOptions, lejepaLoss, lejepaTerms } from './lejepa';
import { lejepaGolden } from './lejepa.golden';
import { bhep, henzeZirkler } from './multivariate';
import { multivariateTests, univariateTests } from './normalityTests';
import { sigreg } from './sigreg';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  lejepaGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, views = 3, batch = 6, dim = 5) =>
  tf.randomNormal<tf.Rank.R3>([views, batch, dim], 0, 1, 'float32', seed);
const slices = () => tf.randomNormal<tf.Rank.R2>([5, 7], 0, 1, 'float32', 99);

test('pays the mean squared distance of all views from the centre of the global ones', () => {
  const z = tf.tensor3d([[[1]], [[3]], [[8]]]); // centre 4 of all, 2 of the first two
  const direction = tf.ones<tf.Rank.R2>([1, 1]);
  expect(numberOf(lejepaTerms(z, direction).prediction)).toBeCloseTo((9 + 1 + 16) / 3, 5);
  expect(numberOf(lejepaTerms(z, direction, { globalViews: 2 }).prediction)).toBeCloseTo((1 + 1 + 36) / 3, 5);
  expect(numberOf(lejepaLoss(z, direction, { sigregWeight: 0 }))).toBeCloseTo(26 / 3, 5);
});

test('is SIGReg alone at λ = 1, and mixes the two at λ = 0.05 unless told otherwise', () => {
  const [z, a] = [random(1), slices()];
  const { prediction } = lejepaTerms(z, a);
  const regularity = numberOf(sigreg(z, a));
  expect(numberOf(lejepaLoss(z, a, { sigregWeight: 1 }))).toBeCloseTo(regularity, 5);
  expect(numberOf(lejepaLoss(z, a))).toBeCloseTo(0.95 * numberOf(prediction) + 0.05 * regularity, 5);
  expect(numberOf(lejepaLoss(z, a, { sigregWeight: 1, knots: 5 }))).not.toBeCloseTo(regularity, 3);
});

test('is weighted as published elsewhere, by name', () => {
  const [z, a, globalViews] = [random(1), slices(), 2];
  const ofAll = lejepaTerms(z, a);
  const ofGlobal = lejepaTerms(z, a, { globalViews });
  const pooled = numberOf(sigreg(tf.reshape(z, [18, 5]), a));
  expect(numberOf(lejepaLoss(z, a, { weighting: 'minimal-example', globalViews }))).toBeCloseTo(
    0.95 * numberOf(ofAll.prediction) + 0.05 * numberOf(ofAll.sigreg),
    5,
  );
  expect(numberOf(lejepaLoss(z, a, { weighting: 'stable-pretraining', globalViews }))).toBeCloseTo(
    numberOf(ofGlobal.prediction) + 0.05 * pooled,
    5,
  );
  expect(numberOf(lejepaLoss(z, a, { globalViews }))).toBe(
    numberOf(lejepaLoss(z, a, { weighting: 'paper', globalViews })),
  );
});

test('tests slices with any univariate test, or all dimensions with a multivariate one', () => {
  const [z, a] = [random(1), slices()];
  const regularity = (options: LejepaOptions) => numberOf(lejepaTerms(z, a, options).sigreg);
  expect(regularity({ test: 'watson' })).toBe(numberOf(sigreg(z, a, { test: watson })));
  expect(regularity({ multivariateTest: 'henze-zirkler' })).toBeCloseTo(numberOf(tf.mean(henzeZirkler(z))), 6);
  const narrow = (views: tf.Tensor) => bhep(views, { beta: 0.5 });
  expect(regularity({ multivariateTest: narrow })).toBeCloseTo(numberOf(tf.mean(narrow(z))), 6);
  const pooled = numberOf(bhep(tf.reshape(z, [18, 5])));
  expect(regularity({ multivariateTest: bhep, weighting: 'stable-pretraining' })).toBeCloseTo(pooled, 6);
});

test('offers every test by name in its definition', () => {
  const { test, multivariateTest } = lejepaDefinition.options.shape;
  expect(test.unwrap().options).toEqual(Object.keys(univariateTests));
  expect(multivariateTest.unwrap().options).toEqual(Object.keys(multivariateTests));
});

describe('agrees with the reference', () => {
  test('in four golden files', () => expect(files.length).toBe(4));
  test.each(files)('$name', (file) => assertGolden(file, lejepaGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((z) => lejepaLoss(z, slices(), { globalViews: 2 }), [random(1)]);
});

test('does not depend on the order of samples or of global views', () => {
  const [z, a] = [random(1), slices()];
  const loss = numberOf(lejepaLoss(z, a));
  expect(numberOf(lejepaLoss(tf.gather(z, tf.tensor1d([3, 0, 5, 1, 4, 2], 'int32'), 1), a))).toBeCloseTo(loss, 5);
  expect(numberOf(lejepaLoss(tf.gather(z, tf.tensor1d([2, 0, 1], 'int32'), 0), a))).toBeCloseTo(loss, 5);
});

test('has finite gradients for collapsed, single and huge embeddings', () => {
  const a = slices();
  const collapsed: tf.Tensor3D = tf.zeros([2, 6, 5]);
  for (const z of [collapsed, random(2, 2, 1), tf.mul<tf.Tensor3D>(random(3), 1e4)]) {
    expect(gradientsOf(() => lejepaLoss(z, a), { z }).every(Number.isFinite)).toBe(true);
  }
});

test('refuses slices of another dimension and a centre of no views or too many', () => {
  expect(refusalOf(() => lejepaLoss(random(1, 3, 6, 4), slices()))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => lejepaLoss(random(1), slices(), { globalViews: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => lejepaLoss(random(1), slices(), { globalViews: 4 }))).toBe('INVALID_OPTION');
});
