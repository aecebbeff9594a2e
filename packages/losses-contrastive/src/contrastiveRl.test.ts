import { cpu, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { assert, constantFrom, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ContrastiveRlLossOptions,
  contrastiveRl,
  contrastiveRlLoss,
  contrastiveRlScores,
  contrastiveRlTerms,
} from './contrastiveRl';
import { contrastiveRlGolden } from './contrastiveRl.golden';
import { firstState, inputView, linearEncoder, stepOf } from './methodFixture';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  contrastiveRlGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, rows = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([rows, dim], 0, 1, 'float32', seed);
const energies = ['norm', 'l2', 'dot', 'cosine'] as const;

test('scores pairs by minus the distance, minus its square, the product, or the cosine', () => {
  const [sa, g] = [tf.tensor2d([[3, 0]]), tf.tensor2d([[0, 4]])];
  const scoreOf = (energy: (typeof energies)[number]) => numberOf(contrastiveRlScores(sa, g, { energy }));
  expect(scoreOf('norm')).toBeCloseTo(-5, 5);
  expect(scoreOf('l2')).toBeCloseTo(-25, 5);
  expect(scoreOf('dot')).toBe(0);
  expect(scoreOf('cosine')).toBe(0);
  expect(numberOf(contrastiveRlScores(sa, sa, { epsilon: 0.25 }))).toBeCloseTo(-0.5, 6);
});

test('is log(1 + exp(−√2)) and a penalty when two goals are reached and √2 apart', () => {
  const z = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]);
  const lse = Math.log(1 + Math.exp(-Math.SQRT2));
  const { infoNce, penalty } = contrastiveRlTerms(z, z, { epsilon: 0 });
  expect(numberOf(infoNce)).toBeCloseTo(lse, 6);
  expect(numberOf(penalty)).toBeCloseTo(lse ** 2, 6);
  expect(numberOf(contrastiveRlLoss(z, z, { epsilon: 0 }))).toBeCloseTo(lse + 0.1 * lse ** 2, 6);
  expect(numberOf(contrastiveRlLoss(z, z, { epsilon: 0, logSumExpWeight: 2 }))).toBeCloseTo(lse + 2 * lse ** 2, 6);
});

test('adds both directions up, each of which is the other with sides exchanged', () => {
  const [sa, g] = [random(1), random(2)];
  const infoNce = (a: tf.Tensor2D, b: tf.Tensor2D, direction: ContrastiveRlLossOptions['direction'] = 'forward') =>
    numberOf(contrastiveRlTerms(a, b, { direction }).infoNce);
  expect(infoNce(sa, g, 'backward')).toBeCloseTo(infoNce(g, sa), 5);
  expect(infoNce(sa, g, 'symmetric')).toBeCloseTo(infoNce(sa, g) + infoNce(g, sa), 5);
  expect(infoNce(sa, g)).not.toBeCloseTo(infoNce(g, sa), 3);
});

describe('agrees with the reference', () => {
  test('in seven golden files', () => expect(files.length).toBe(7));
  test.each(files)('$name', (file) => assertGolden(file, contrastiveRlGolden));
});

test.each(energies)('has the gradient that differences of its values have, with %s', (energy) => {
  for (const direction of ['forward', 'symmetric'] as const) {
    expectGradients((sa, g) => contrastiveRlLoss(sa, g, { energy, direction }), [random(1), random(2)]);
  }
});

test('does not depend on the order of samples, with any energy', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), constantFrom(...energies), (seed, energy) => {
      const [sa, g] = [random(seed), random(seed + 1)];
      const loss = numberOf(contrastiveRlLoss(sa, g, { energy }));
      expect(numberOf(contrastiveRlLoss(tf.reverse(sa, 0), tf.reverse(g, 0), { energy })) / loss).toBeCloseTo(1, 4);
    }),
    { numRuns: 20 },
  );
});

test('does not depend on where the origin is, with distances', () => {
  assert(
    property(integer({ min: 0, max: 1e6 }), constantFrom('norm', 'l2'), (seed, energy) => {
      const [sa, g, origin] = [random(seed), random(seed + 1), random(seed + 2, 1)];
      const loss = numberOf(contrastiveRlLoss(sa, g, { energy }));
      expect(numberOf(contrastiveRlLoss(tf.add(sa, origin), tf.add(g, origin), { energy })) / loss).toBeCloseTo(1, 3);
    }),
    { numRuns: 20 },
  );
});

test.each(energies)('stays finite, with finite gradients, for equal rows, zeros and huge ones, with %s', (energy) => {
  const same = tf.tile(random(3, 1), [6, 1]);
  for (const [sa, g] of [
    [same, same],
    [tf.zeros<tf.Rank.R2>([6, 5]), random(4)],
    [tf.mul<tf.Tensor2D>(random(5), 1e4), random(6)],
  ] as const) {
    const loss = () => contrastiveRlLoss(sa, g, { energy, epsilon: 0 });
    expect([numberOf(loss()), ...gradientsOf(loss, { sa, g })].every(Number.isFinite)).toBe(true);
  }
});

test('refuses sides that do not match, and weights below 0', () => {
  expect(refusalOf(() => contrastiveRlLoss(random(1), random(2, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => contrastiveRlLoss(random(1), random(2), { logSumExpWeight: -1 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => contrastiveRlLoss(random(1), random(2), { epsilon: -1 }))).toBe('INVALID_OPTION');
});

test('the method is the loss between the projections of states and goals, of 64 numbers unless told otherwise', () => {
  const views = [inputView(1), inputView(2)];
  const critic = contrastiveRl({ projector: [3], energy: 'dot', logSumExpWeight: 0.5, direction: 'symmetric' });
  const { loss, terms } = stepOf(critic, views, firstState(critic));
  const [infoNce, penalty] = [terms.infoNce, terms.penalty].map((term) => numberOf(term ?? tf.scalar(Number.NaN)));
  expect(numberOf(loss)).toBeCloseTo((infoNce ?? 0) + 0.5 * (penalty ?? 0), 5);
  const forward = contrastiveRl({ projector: [3], energy: 'dot' });
  expect(numberOf(stepOf(forward, views, firstState(critic)).loss)).not.toBeCloseTo(numberOf(loss), 3);
  expect(contrastiveRl().bind(linearEncoder).variables['projector/layers/0/dense/kernel']?.shape).toEqual([5, 64]);
});
