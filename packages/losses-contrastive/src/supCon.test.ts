import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';
import { type SupConLossOptions, supCon, supConLoss } from './supCon';
import { supConGolden } from './supCon.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  supConGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const labelled = (...classes: number[]) => tf.tensor1d(classes, 'int32');
const classes = () => labelled(0, 1, 0, 2, 1, 0);

/** Loss, then its gradient with respect to both views. */
function differentiate(z0: tf.Tensor2D, z1: tf.Tensor2D, options: SupConLossOptions = {}): readonly number[] {
  const loss = () => supConLoss([z0, z1], options);
  return [numberOf(loss()), ...gradientsOf(loss, { z0, z1 })];
}

const axes = () =>
  tf.tensor2d([
    [1, 0],
    [1, 0],
    [0, 1],
  ]);

test('is the mean of −log p over an anchor’s positives', () => {
  const z = axes(); // classes 0, 0, 1: two anchors with one positive each at similarity 1, one with none
  const one = Math.log(Math.E + 1) - 1;
  const options = { temperature: 1, labels: labelled(0, 0, 1) };
  expect(numberOf(supConLoss([z], options))).toBeCloseTo((2 * one) / 3, 6);
  const reversed = { temperature: 1, labels: labelled(0, 1, 0) }; // row 0's positive is row 2, at 0
  expect(numberOf(supConLoss([z], reversed))).toBeCloseTo((Math.log(Math.E + 1) + Math.log(2)) / 3, 6);
});

test('is NT-Xent for two views without labels, times τ / baseTemperature if asked', () => {
  const z = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]);
  const ntXent = Math.log(1 + 2 * Math.exp(-2));
  expect(numberOf(supConLoss([z, z], { temperature: 0.5 }))).toBeCloseTo(ntXent, 6);
  expect(numberOf(supConLoss([z, z], { temperature: 0.5, baseTemperature: 0.25 }))).toBeCloseTo(2 * ntXent, 6);
  expect(numberOf(supConLoss([z, z]))).toBeCloseTo(Math.log(1 + 2 * Math.exp(-10)), 6);
});

test('has anchors of the first view alone if asked', () => {
  const [z0, z1] = [random(1), random(2)];
  const one = numberOf(supConLoss([z0, z1], { anchors: 'one' }));
  const other = numberOf(supConLoss([z1, z0], { anchors: 'one' }));
  expect(numberOf(supConLoss([z0, z1]))).toBeCloseTo((one + other) / 2, 4);
  expect(Math.abs(one - other)).toBeGreaterThan(1e-3);
});

describe('agrees with the reference', () => {
  test('in four golden files', () => expect(files.length).toBe(4));
  test.each(files)('$name', (file) => assertGolden(file, supConGolden));
});

test('has the gradient that differences of its values have, in a learned temperature, too', () => {
  const options = { temperature: 0.7, labels: classes() };
  expectGradients((z0, z1, z2) => supConLoss([z0, z1, z2], options), [random(1), random(2), random(3)]);
  expectGradients(
    (temperature) => supConLoss([random(1), random(2)], { ...options, temperature, baseTemperature: 0.5 }),
    [tf.scalar(0.7)],
  );
});

test('does not depend on the order of views or samples, nor on the names of classes', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), integer({ min: -9, max: 9 }), (seed, shift) => {
      const [z0, z1, labels] = [random(seed), random(seed + 1), classes()];
      const loss = numberOf(supConLoss([z0, z1], { labels }));
      expect(numberOf(supConLoss([z1, z0], { labels }))).toBeCloseTo(loss, 3);
      const turned = { labels: tf.reverse(labels, 0) };
      expect(numberOf(supConLoss([tf.reverse(z0, 0), tf.reverse(z1, 0)], turned))).toBeCloseTo(loss, 3);
      expect(
        numberOf(supConLoss([z0, z1], { labels: labelled(...[0, 1, 0, 2, 1, 0].map((name) => shift - 2 * name)) })),
      ).toBeCloseTo(loss, 3);
    }),
    { numRuns: 20 },
  );
});

describe('stays finite, with finite gradients,', () => {
  test('at log(2N − 1) when all projections are the same', () => {
    const z = tf.tile(tf.tensor2d([[0.6, 0.8]]), [6, 1]);
    for (const options of [{}, { labels: classes() }]) {
      const [loss = 0, ...gradients] = differentiate(z, z, options);
      expect(loss).toBeCloseTo(Math.log(11), 4);
      expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-4);
    }
  });

  test('and at 0 for one row, which has neither positives nor negatives', () => {
    const z = random(1, 1);
    const loss = () => supConLoss([z]);
    expect([numberOf(loss()), ...gradientsOf(loss, { z })].every((value) => Math.abs(value) === 0)).toBe(true);
  });

  test('when all samples are of one class, when rows are zero, and for large rows', () => {
    const labels = labelled(3, 3, 3, 3, 3, 3);
    expect(differentiate(random(1), random(2), { labels }).every(Number.isFinite)).toBe(true);
    expect(differentiate(tf.zeros([6, 5]), random(2), { labels: classes() }).every(Number.isFinite)).toBe(true);
    expect(differentiate(tf.mul(random(1), 1e4), tf.mul(random(2), 1e4)).every(Number.isFinite)).toBe(true);
  });

  test.each([1e-6, 1e6])('at temperature %d', (temperature) => {
    const options = { temperature, labels: classes() };
    expect(differentiate(random(1), random(2), options).every(Number.isFinite)).toBe(true);
  });
});

test('refuses views and labels that do not fit, and temperatures that are not positive', () => {
  const withLabels = (labels: tf.Tensor1D) => refusalOf(() => supConLoss([random(1), random(2)], { labels }));
  expect(refusalOf(() => supConLoss([]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => supConLoss([random(1), random(2, 5)]))).toBe('SHAPE_MISMATCH');
  expect(withLabels(labelled(0, 1))).toBe('SHAPE_MISMATCH');
  expect(withLabels(tf.tensor1d([0, 1, 0, 2, 1, 0]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => supConLoss([random(1)], { temperature: 0 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => supConLoss([random(1)], { baseTemperature: -1 }))).toBe('INVALID_OPTION');
});

describe('the method', () => {
  const views = () => [inputView(1), inputView(2)];
  const lossWith = (labels: tf.Tensor, options = {}) => {
    const method = supCon({ projector: [8, 3], ...options });
    return numberOf(stepOf(method, views(), firstState(method), { labels }).loss);
  };

  test('learns from labels, at its temperature', () => {
    const labels = labelled(0, 0, 1, 1);
    expect(lossWith(labels)).not.toBeCloseTo(lossWith(labelled(0, 1, 2, 3)), 2);
    expect(lossWith(labels, { temperature: 1 })).not.toBeCloseTo(lossWith(labels), 2);
  });

  test('projects to 128 dimensions, takes a single view, and refuses a batch without labels', () => {
    const kernel = supCon().bind(linearEncoder).variables['projector/layers/1/dense/kernel'];
    expect(kernel?.shape).toEqual([5, 128]);
    const step = (given: readonly tf.Tensor[], tensors = {}) => stepOf(supCon(), given, firstState(supCon()), tensors);
    expect(step([inputView(1)], { labels: labelled(0, 0, 1, 1) }).projection.shape).toEqual([4, 128]);
    expect(refusalOf(() => step(views()))).toBe('LABELS_MISSING');
  });
});
