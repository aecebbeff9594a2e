import { cpu, type Encoder, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { imageView, lossOf, plainEncoder } from './tokenFixture';
import { type VicreglOptions, type VicreglView, vicregl, vicreglLoss, vicreglTerms } from './vicregl';
import { vicreglGolden } from './vicregl.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  vicreglGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 5, dim = 4) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const tokensOf = (seed: number, batch = 5, tokens = 6, dim = 3) =>
  tf.randomNormal<tf.Rank.R3>([batch, tokens, dim], 0, 1, 'float32', seed);
const viewOf = (seed: number, tokens = 6): VicreglView => ({
  z: random(seed),
  tokens: tokensOf(seed + 1, 5, tokens),
  positions: tokensOf(seed + 2, 5, tokens, 2),
});
const few: VicreglOptions = { matches: [3, 2] };
const invariance: VicreglOptions = { invarianceWeight: 1, varianceWeight: 0, covarianceWeight: 0 };

test('compares the tokens that are nearest, worked out by hand', () => {
  const z = tf.tensor2d([[0], [2]]);
  const rows = (values: number[]) => tf.tensor3d([...values, ...values], [2, values.length, 1]); // two equal samples
  const near = { z, tokens: rows([0, 10, 20]) };
  const far = { z: tf.add<tf.Tensor2D>(z, 3), tokens: rows([1, 13, 40]) };
  const { global, local } = vicreglTerms([near, far], { ...invariance, matches: [2, 1], globalViews: 1 });
  expect(numberOf(global)).toBeCloseTo(9, 5); // 3²
  expect(numberOf(local)).toBeCloseTo((1 + 9) / 2 / 2 + 1 / 2, 5); // 0→1, 10→13 averaged; back 1→0; halves added
  const all = vicreglTerms([near, far], { ...invariance, matches: [20, 20], globalViews: 1 }).local;
  expect(numberOf(all)).toBeCloseTo((1 + 9 + 49) / 3 / 2 + (1 + 9 + 400) / 3 / 2, 4); // 20→13; back 40→20
});

test('compares tokens at the nearest places, too, where places are known', () => {
  const z = tf.tensor2d([[0], [2]]);
  const rows = (values: number[], dim: number) => tf.tensor3d([...values, ...values], [2, values.length / dim, dim]);
  const view = { z, tokens: rows([0, 10], 1), positions: rows([0, 0, 5, 5], 2) };
  const other = { z, tokens: rows([0, 10], 1), positions: rows([5, 5, 0, 0], 2) }; // each value at the other's place
  const options = { ...invariance, matches: [2, 2], globalViews: 1 } as const;
  expect(numberOf(vicreglTerms([view, other], options).local)).toBeCloseTo(100, 4);
  expect(numberOf(vicreglTerms([view, { z, tokens: other.tokens }], options).local)).toBeCloseTo(0, 5);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, vicreglGolden));
});

test('has the gradient that differences of its values have', () => {
  const small = <T extends tf.Tensor>(x: T): T => tf.mul(0.3, x); // all standard deviations short of 1
  const [z0, z1, tokens0, tokens1] = [small(random(1)), small(random(2)), small(tokensOf(3)), small(tokensOf(4, 5, 4))];
  const options = { ...few, globalViews: 1 };
  expectGradients(
    (z0, z1) =>
      vicreglLoss(
        [
          { z: z0, tokens: tokens0 },
          { z: z1, tokens: tokens1 },
        ],
        options,
      ),
    [z0, z1],
  );
  expectGradients(
    (tokens0, tokens1) =>
      vicreglLoss(
        [
          { z: z0, tokens: tokens0 },
          { z: z1, tokens: tokens1 },
        ],
        options,
      ),
    [tokens0, tokens1],
    { step: 0.001, tolerance: 0.05 }, // small, so that the same tokens match
  );
});

test('does not depend on the order of samples or tokens, nor, with as many matches either way, of global views', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
      const views = [viewOf(seed), viewOf(seed + 10), viewOf(seed + 20, 4)];
      const lossOf = (changed: VicreglView[], options = few) =>
        numberOf(vicreglLoss(changed, { ...options, globalViews: 2 }));
      const loss = lossOf(views);
      const reversed = (axis: number, { z, tokens, positions }: VicreglView): VicreglView => ({
        z: axis === 0 ? tf.reverse(z, 0) : z,
        tokens: tf.reverse(tokens, axis),
        ...(positions && { positions: tf.reverse(positions, axis) }),
      });
      expect(lossOf(views.map((view) => reversed(0, view))) / loss).toBeCloseTo(1, 4);
      expect(lossOf(views.map((view) => reversed(1, view))) / loss).toBeCloseTo(1, 4);
      const [first, second, local] = views;
      if (!first || !second || !local) throw new Error('There are three views.');
      const balanced: VicreglOptions = { matches: [3, 3] };
      expect(lossOf([second, first, local], balanced) / lossOf(views, balanced)).toBeCloseTo(1, 4);
    }),
    { numRuns: 15 },
  );
});

test('weighs the criteria, and counts as many matches as it is told', () => {
  const views = [viewOf(1), viewOf(11)];
  const { global, local } = vicreglTerms(views, few);
  const [wholeOnly, tokensOnly] = [1, 0].map((globalWeight) => numberOf(vicreglLoss(views, { ...few, globalWeight })));
  expect(wholeOnly).toBeCloseTo(numberOf(global), 4);
  expect(tokensOnly).toBeCloseTo(numberOf(local), 4);
  expect(numberOf(vicreglTerms(views, { matches: [6, 6] }).local)).toBeGreaterThan(numberOf(local));
});

describe('has finite gradients', () => {
  const finite = (...views: VicreglView[]) => {
    const inputs = Object.fromEntries(
      views.flatMap(({ z, tokens }, view) => [
        [`z${view}`, z],
        [`t${view}`, tokens],
      ]),
    );
    return gradientsOf(() => vicreglLoss(views, few), inputs).every(Number.isFinite);
  };
  const same = (): VicreglView => ({ z: tf.ones([5, 4]), tokens: tf.ones([5, 6, 3]) });

  test('of collapsed views, where all tokens are as near', () => expect(finite(same(), same())).toBe(true));
  test('of zeros', () => expect(finite({ z: tf.zeros([5, 4]), tokens: tf.zeros([5, 6, 3]) }, viewOf(1))).toBe(true));
  test('for the smallest batch', () => {
    const pair = (seed: number) => ({ z: random(seed, 2), tokens: tokensOf(seed, 2) });
    expect(finite(pair(1), pair(2))).toBe(true);
  });
  test('at scale 1e5', () => {
    const huge = (seed: number) => ({
      z: tf.mul<tf.Tensor2D>(random(seed), 1e5),
      tokens: tf.mul<tf.Tensor3D>(tokensOf(seed), 1e5),
    });
    expect(finite(huge(1), huge(2))).toBe(true);
  });
});

describe('the method', () => {
  const method = vicregl({ projector: [8], localProjector: [8], matches: [9, 9], globalWeight: 0 });
  const plain = plainEncoder();
  const withTokens: Encoder['withTokens'] = (input, context) => plain.encode(plain.embed(input, context), context);
  const encoder = { ...plain, withTokens };
  const locations = (edges: number[]) => tf.tile(tf.tensor2d([edges]), [5, 1]);
  const localOf = (tensors: Record<string, tf.Tensor>, views = [imageView(1), tf.reverse(imageView(1), 2)]) =>
    numberOf(lossOf(method, { encoder, views, tensors }).terms.local ?? tf.scalar(Number.NaN));

  test('matches tokens by location where the batch says where views lie', () => {
    const whole = locations([0, 0, 1, 1]);
    const known = localOf({ 'locations/0': whole, 'locations/1': whole });
    expect(Number.isFinite(known)).toBe(true);
    expect(known).not.toBeCloseTo(localOf({}), 2); // a second pair of terms
  });

  test('knows of a mirrored view which of its tokens shows what: with the wrong side, matches are further apart', () => {
    const sparse = vicregl({
      projector: [8],
      localProjector: [8],
      matches: [9, 9],
      varianceWeight: 0,
      covarianceWeight: 0,
    });
    const columns = (order: number[]) => tf.tile(tf.reshape(tf.tensor1d(order), [1, 1, 6, 1]), [5, 6, 1, 1]);
    const view = tf.add(columns([0, 0, 5, 5, 9, 9]), tf.mul(0.1, imageView(3)));
    const mirrored = tf.add(columns([9, 9, 5, 5, 0, 0]), tf.mul(0.1, imageView(4)));
    const local = (edges: number[]) => {
      const tensors = { 'locations/0': locations([0, 0, 1, 1]), 'locations/1': locations(edges) };
      const { terms } = lossOf(sparse, { encoder, views: [view, mirrored], tensors });
      return numberOf(terms.local ?? tf.scalar(Number.NaN));
    };
    expect(local([0, 1, 1, 0])).toBeLessThan(0.2 * local([0, 0, 1, 1]));
  });
});

test('refuses a single view, a batch of one, tokens of other samples, and options out of range', () => {
  const [view, other] = [viewOf(1), viewOf(2)];
  const refusal = (views: VicreglView[], options: VicreglOptions = {}) => refusalOf(() => vicreglLoss(views, options));
  expect(refusal([view])).toBe('SHAPE_MISMATCH');
  expect(refusal([view, { ...other, z: random(1, 4) }])).toBe('SHAPE_MISMATCH');
  expect(refusal([view, { ...other, tokens: tokensOf(1, 4) }])).toBe('SHAPE_MISMATCH');
  expect(refusal([view, { ...other, positions: tokensOf(1, 5, 5, 2) }])).toBe('SHAPE_MISMATCH');
  const one = { z: random(1, 1), tokens: tokensOf(1, 1) };
  expect(refusal([one, { ...one }])).toBe('BATCH_TOO_SMALL');
  expect(refusal([view, other], { globalViews: 3 })).toBe('INVALID_OPTION');
  expect(refusal([view, other], { matches: [0, 4] })).toBe('INVALID_OPTION');
  expect(refusal([view, other], { globalWeight: 2 })).toBe('INVALID_OPTION');
});
