import { cpu, type HostTensors, initialise, layerContext, tf, toTensor } from '@unlabel/core';
import { expectGradients, gradientsOf, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type WhitenOptions, whiten, whitening } from './whitening';

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 12, dim = 4) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);

/** Dimensions that depend on each other and differ in scale, around 5. */
function correlated(seed: number, batch = 12, dim = 4): tf.Tensor2D {
  const mixing = tf.add(tf.eye(dim), tf.mul(0.3, random(seed + 1000, dim, dim)));
  return tf.add(5, tf.matMul(random(seed, batch, dim), mixing));
}

/** Largest departure of mean and unbiased covariance from 0 and I. */
function departure(z: tf.Tensor2D): number {
  const centred = tf.sub<tf.Tensor2D>(z, tf.mean(z, 0));
  const covariance = tf.div(tf.matMul(centred, centred, true), z.shape[0] - 1);
  const off = tf.max(tf.abs(tf.sub(covariance, tf.eye(z.shape[1]))));
  return tf.maximum(off, tf.max(tf.abs(tf.mean(z, 0)))).dataSync()[0] ?? Number.NaN;
}

test('whitens samples worked out by hand: the first axis keeps its direction, the second loses what it shares', () => {
  const z = tf.tensor2d([1, 1, 1, -1, -1, 1, -1, -1, 3, 3], [5, 2]);
  expect(departure(whiten(z))).toBeLessThan(1e-5);
  const [a = 0, , b = 0] = whiten(z).dataSync(); // first coordinate: (z − 0.6)/√2.8
  expect([a, b]).toEqual([expect.closeTo(0.4 / Math.sqrt(2.8), 5), expect.closeTo(0.4 / Math.sqrt(2.8), 5)]);
});

test('gives mean 0 and covariance I, by either method', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 500 }), (dim, seed) => {
      const z = correlated(seed, 4 * dim, dim);
      expect(departure(whiten(z))).toBeLessThan(1e-3);
      expect(departure(whiten(z, { method: 'iterative', iterations: 25 }))).toBeLessThan(2e-2);
    }),
    { numRuns: 20 },
  );
});

test('comes nearer to covariance I with more Newton steps, and turns the axes less than the triangular form', () => {
  const z = correlated(1);
  const [few, many] = [1, 12].map((iterations) => whiten(z, { method: 'iterative', iterations }));
  if (!few || !many) throw new Error('Nothing was whitened.');
  expect(departure(many)).toBeLessThan(0.2 * departure(few));
  const moved = (w: tf.Tensor2D) => tf.sum(tf.square(tf.sub(w, tf.sub(z, tf.mean(z, 0))))).dataSync()[0] ?? 0;
  expect(moved(many)).toBeLessThan(moved(whiten(z)));
});

test('blends ε I into the covariance', () => {
  const z = tf.tensor2d([2, 0, -2, 0, 0, 2, 0, -2], [4, 2]); // covariance 8/3 I
  const [w = 0] = whiten(z, { epsilon: 0.25 }).dataSync();
  expect(w).toBeCloseTo(2 / Math.sqrt(0.75 * (8 / 3) + 0.25), 5);
});

test('whitens each group by itself', () => {
  const [first, second] = [correlated(1), correlated(2)];
  const together = whiten(tf.concat3d([tf.expandDims(first, 0), tf.expandDims(second, 0)], 0));
  const apart = tf.stack([whiten(first), whiten(second)]);
  expect(tf.max(tf.abs(tf.sub(together, apart))).dataSync()[0]).toBeLessThan(1e-5);
});

test.each<WhitenOptions>([{}, { epsilon: 0.1 }, { method: 'iterative' }])('has its gradient with %j', (options) => {
  const weights = random(3);
  expectGradients(
    (z) => tf.sum(tf.mul(weights, tf.square(whiten(z, options)))),
    [tf.sub<tf.Tensor2D>(correlated(2), 5)],
  );
});

describe('has finite gradients', () => {
  const finite = (z: tf.Tensor2D, options: WhitenOptions) =>
    gradientsOf(() => tf.sum(tf.mul(tf.square(whiten(z, options)), random(9, ...z.shape))), { z }).every(
      Number.isFinite,
    );

  test('of collapsed samples, with ε above 0', () => expect(finite(tf.ones([6, 4]), { epsilon: 1e-3 })).toBe(true));
  test('of fewer samples than dimensions, with ε above 0', () =>
    expect(finite(random(1, 3, 6), { epsilon: 1e-3 })).toBe(true));
  test.each([1e-4, 1e4])('at scale %d', (scale) => {
    for (const method of ['cholesky', 'iterative'] as const)
      expect(finite(tf.mul(correlated(4), scale), { method })).toBe(true);
  });
});

describe('as a layer', () => {
  const layer = whitening({ dim: 4, momentum: 0.5 });
  const start = () => tensorsOf(initialise(layer.variables, 1));
  const draws = { normal: () => tf.scalar(0), uniform: () => tf.scalar(0) };

  test('whitens by the batch while training, and moves running statistics towards it', () => {
    const { context, updates } = layerContext(start(), { training: true, random: draws });
    const z = correlated(5, 40);
    expect(departure(layer.apply(z, context))).toBeLessThan(1e-4);
    const off = tf.max(tf.abs(tf.sub(tf.mul(2, updates.runningMean ?? 0), tf.mean(z, 0))));
    expect(off.dataSync()[0]).toBeLessThan(1e-4);
  });

  test('whitens by running statistics after', () => {
    const z = correlated(6, 40);
    let values = start();
    for (let step = 0; step < 20; step++) {
      const { context, updates } = layerContext(values, { training: true, random: draws });
      layer.apply(z, context);
      values = { ...values, ...updates };
    }
    const { context, updates } = layerContext(values, { training: false, random: draws });
    expect(departure(layer.apply(z, context))).toBeLessThan(1e-3);
    expect(updates).toEqual({});
  });

  test('starts as the identity', () => {
    const { context } = layerContext(start(), { training: false, random: draws });
    expect([...layer.apply(tf.tensor2d([[1, 2, 3, 4]]), context).dataSync()]).toEqual([1, 2, 3, 4]);
  });

  test('refuses other widths', () => {
    const { context } = layerContext(start(), { training: true, random: draws });
    expect(refusalOf(() => layer.apply(random(1, 8, 3), context))).toBe('SHAPE_MISMATCH');
  });
});

test('refuses batches whose covariance has no inverse, and options out of range', () => {
  expect(refusalOf(() => whiten(random(1, 4, 4)))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => whiten(random(1, 1, 4), { epsilon: 0.1 }))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => whiten(random(1), { epsilon: 1.5 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => whiten(random(1), { method: 'iterative', iterations: 0 }))).toBe('INVALID_OPTION');
});

function tensorsOf(values: HostTensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toTensor(value)]));
}
