import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, double, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dcl, dclLoss, dclw, dclwLoss } from './dcl';
import { dclGolden } from './dcl.golden';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  dclGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const differentiate = (lossOf: typeof dclLoss, z0: tf.Tensor2D, z1: tf.Tensor2D, temperature = 0.1) => {
  const loss = () => lossOf(z0, z1, { temperature });
  return { loss: numberOf(loss()), gradients: gradientsOf(loss, { z0, z1 }) };
};
const losses = [
  { name: 'DCL', lossOf: dclLoss },
  { name: 'DCLW', lossOf: dclwLoss },
];

test('is log 2 − 1/τ when pairs agree and the other sample’s two views are orthogonal', () => {
  const z = tf.tensor2d([
    [3, 0],
    [0, 0.2],
  ]);
  expect(numberOf(dclLoss(z, z))).toBeCloseTo(Math.log(2) - 10, 5);
  expect(numberOf(dclLoss(z, z, { temperature: 0.5 }))).toBeCloseTo(Math.log(2) - 2, 6);
  expect(numberOf(dclLoss(z, z, { temperature: tf.scalar(2) }))).toBeCloseTo(Math.log(2) - 0.5, 6);
});

test('weighs a positive less the more alike its views are, among those of the batch', () => {
  const z0 = tf.tensor2d([
    [1, 0],
    [1, 0],
  ]);
  const z1 = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]); // cosines 1 and 0: softmax at σ = 1 is e/(e + 1) and 1/(e + 1)
  const weight = 2 - (2 * Math.E) / (Math.E + 1);
  const difference =
    numberOf(dclLoss(z0, z1, { temperature: 1 })) - numberOf(dclwLoss(z0, z1, { temperature: 1, sigma: 1 }));
  expect(difference).toBeCloseTo((weight - 1) / 2, 6); // the second positive is 0, whatever its weight
  const sharper = numberOf(dclwLoss(z0, z1, { temperature: 1 }));
  expect(sharper).toBeGreaterThan(numberOf(dclwLoss(z0, z1, { temperature: 1, sigma: 1 })));
});

describe('agrees with the reference', () => {
  test('in four golden files', () => expect(files.length).toBe(4));
  test.each(files)('$name', (file) => assertGolden(file, dclGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((z0, z1) => dclLoss(z0, z1, { temperature: 0.3 }), [random(1), random(2)]);
});

describe.each(losses)('$name', ({ lossOf }) => {
  test('does not depend on the order of views, the order of samples or the length of projections', () => {
    assert(
      property(integer({ min: 0, max: 1e6 }), double({ min: -6, max: 6, noNaN: true }), (seed, exponent) => {
        const [z0, z1] = [random(seed), random(seed + 1)];
        const loss = numberOf(lossOf(z0, z1));
        expect(numberOf(lossOf(z1, z0))).toBeCloseTo(loss, 4);
        expect(numberOf(lossOf(tf.reverse(z0, 0), tf.reverse(z1, 0)))).toBeCloseTo(loss, 4);
        expect(numberOf(lossOf(tf.mul(z0, 10 ** exponent), z1))).toBeCloseTo(loss, 4);
      }),
      { numRuns: 20 },
    );
  });

  test('is log(2N − 2) when all projections are the same, with almost no gradient', () => {
    const z = tf.tile(random(3, 1), [6, 1]);
    const { loss, gradients } = differentiate(lossOf, z, z);
    expect(loss).toBeCloseTo(Math.log(10), 4);
    expect(Math.max(...gradients.map(Math.abs))).toBeLessThan(1e-4);
  });

  test('gives a row of zeros no gradient, and the others a finite one', () => {
    const zeroed: tf.Tensor2D = tf.mul(random(6), tf.tensor2d([[0], [1], [1], [1], [1], [1]]));
    const { loss, gradients } = differentiate(lossOf, zeroed, random(7));
    expect(gradients.slice(0, 5).every((gradient) => gradient === 0)).toBe(true);
    expect([loss, ...gradients].every(Number.isFinite)).toBe(true);
  });

  test.each([1e-6, 1e6])('stays finite at temperature %d, and for the smallest batch', (temperature) => {
    for (const batch of [2, 6]) {
      const { loss, gradients } = differentiate(lossOf, random(8, batch), random(9, batch), temperature);
      expect([loss, ...gradients].every(Number.isFinite)).toBe(true);
    }
  });

  test('refuses views of different shapes, a batch of one and a temperature that is not positive', () => {
    expect(refusalOf(() => lossOf(random(1), random(2, 6, 4)))).toBe('SHAPE_MISMATCH');
    expect(refusalOf(() => lossOf(random(1, 1), random(2, 1)))).toBe('BATCH_TOO_SMALL');
    expect(refusalOf(() => lossOf(random(1), random(2), { temperature: 0 }))).toBe('INVALID_OPTION');
  });
});

test('DCLW refuses a sigma that is not positive', () => {
  expect(refusalOf(() => dclwLoss(random(1), random(2), { sigma: 0 }))).toBe('INVALID_OPTION');
});

test('the methods apply their losses, with their options, to the projections of both views', () => {
  const views = [inputView(1), inputView(2)];
  const lossOf = (objective: ReturnType<typeof dcl>) => numberOf(stepOf(objective, views, firstState(objective)).loss);
  const projector = [7, 3];
  const all = [
    dcl({ projector }),
    dcl({ projector, temperature: 1 }),
    dclw({ projector }),
    dclw({ projector, sigma: 2 }),
  ];
  expect(new Set(all.map(lossOf)).size).toBe(4);
  expect(dcl().bind(linearEncoder).variables['projector/layers/1/dense/kernel']?.shape).toEqual([5, 128]);
});
