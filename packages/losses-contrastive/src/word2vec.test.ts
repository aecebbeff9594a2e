import { cpu, randomStream, tf } from '@unlabel/core';
import { assertGolden, expectGradients, gradientsOf, numberOf, readGoldenFolder, refusalOf } from '@unlabel/testkit';
import { array, assert, integer, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { negativeSampler, skipGramLoss } from './word2vec';
import { word2vecGolden } from './word2vec.golden';

const files = (await readGoldenFolder(`${import.meta.dirname}/../golden`)).filter((file) =>
  word2vecGolden.some((mapping) => mapping.matches(file)),
);

beforeAll(async () => {
  await cpu().open();
});

const random = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R2>([batch, dim], 0, 1, 'float32', seed);
const noise = (seed: number, batch = 6, dim = 5) => tf.randomNormal<tf.Rank.R3>([batch, 4, dim], 0, 1, 'float32', seed);

test('is −log σ of the context’s score and of minus each negative’s', () => {
  const [center, context] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 0]])]; // 3
  const negatives = tf.tensor3d([
    [
      [0, 0],
      [0, -1],
    ],
  ]); // 0 and −2
  const expected = Math.log1p(Math.exp(-3)) + Math.log(2) + Math.log1p(Math.exp(-2));
  expect(numberOf(skipGramLoss(center, context, negatives))).toBeCloseTo(expected, 6);
});

describe('agrees with the reference', () => {
  test('in one golden file', () => expect(files.length).toBe(1));
  test.each(files)('$name', (file) => assertGolden(file, word2vecGolden));
});

test('has the gradient that differences of its values have', () => {
  expectGradients((center, context) => skipGramLoss(center, context, noise(3)), [random(1), random(2)]);
  expectGradients((negatives) => skipGramLoss(random(1), random(2), negatives), [noise(3)]);
});

test('does not depend on the order of pairs or of negatives', () => {
  assert(
    property(integer({ min: 1, max: 1e6 }), (seed) => {
      const [center, context, negatives] = [random(seed), random(seed + 1), noise(seed + 2)];
      const loss = numberOf(skipGramLoss(center, context, negatives));
      expect(numberOf(skipGramLoss(center, context, tf.reverse(negatives, 1)))).toBeCloseTo(loss, 4);
      const turned = skipGramLoss(tf.reverse(center, 0), tf.reverse(context, 0), tf.reverse(negatives, 0));
      expect(numberOf(turned)).toBeCloseTo(loss, 4);
    }),
    { numRuns: 20 },
  );
});

test('stays finite, with finite gradients, for zeros and for scores in the thousands', () => {
  for (const scale of [0, 1, 1e2]) {
    const [center, context, negatives] = [tf.mul(random(1), scale), tf.mul(random(2), scale), tf.mul(noise(3), scale)];
    const loss = () =>
      skipGramLoss(tf.reshape(center, [6, 5]), tf.reshape(context, [6, 5]), tf.reshape(negatives, [6, 4, 5]));
    expect([numberOf(loss()), ...gradientsOf(loss, { center, context, negatives })].every(Number.isFinite)).toBe(true);
    if (scale === 0) expect(numberOf(loss())).toBeCloseTo(5 * Math.log(2), 5);
  }
});

test('refuses shapes that do not fit', () => {
  expect(refusalOf(() => skipGramLoss(random(1), random(2, 5), noise(3)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => skipGramLoss(random(1), random(2), noise(3, 5)))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => skipGramLoss(random(1), random(2), noise(3, 6, 4)))).toBe('SHAPE_MISMATCH');
});

describe('negatives', () => {
  const shares = (counts: readonly number[], power?: number) => {
    const draw = negativeSampler(counts, power === undefined ? {} : { power });
    const words = draw(randomStream(['negatives']), 20000);
    return counts.map((_, word) => words.filter((drawn) => drawn === word).length / words.length);
  };

  test('are drawn by the three quarter power of their counts, or another', () => {
    for (const [word, share] of shares([1, 16, 0, 81]).entries()) {
      expect(share).toBeCloseTo([1, 8, 0, 27].map((weight) => weight / 36)[word] ?? 0, 1.7);
    }
    for (const share of shares([1, 1000], 0)) expect(share).toBeCloseTo(0.5, 1.7);
  });

  test('are always words that occur, the same for the same stream', () => {
    const counts = array(integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 });
    assert(
      property(counts, integer(), (some, seed) => {
        const all = [...some, 1];
        const draw = negativeSampler(all);
        const words = draw(randomStream([seed]), 50);
        expect(words.every((word) => (all[word] ?? 0) > 0)).toBe(true);
        expect(draw(randomStream([seed]), 50)).toEqual(words);
      }),
    );
  });

  test('need counts that are not all 0, and a power from 0 to 1', () => {
    expect(refusalOf(() => negativeSampler([0, 0]))).toBe('INVALID_OPTION');
    expect(refusalOf(() => negativeSampler([]))).toBe('INVALID_OPTION');
    expect(refusalOf(() => negativeSampler([1, -1]))).toBe('INVALID_OPTION');
    expect(refusalOf(() => negativeSampler([1, Number.NaN]))).toBe('INVALID_OPTION');
    expect(refusalOf(() => negativeSampler([1], { power: 2 }))).toBe('INVALID_OPTION');
  });
});
