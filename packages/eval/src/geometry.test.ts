import { readGolden, refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignment, uniformity } from './alignmentUniformity';
import { featureStd } from './featureStd';
import type { Features } from './features';
import { rankMe, rankMeEvaluator } from './rankMe';

function rows(...list: readonly (readonly number[])[]): Features {
  return { features: Float32Array.from(list.flat()), count: list.length, dim: list[0]?.length ?? 0 };
}

async function golden(name: string) {
  const { inputs, outputs } = await readGolden(new URL(`../golden/${name}.json`, import.meta.url));
  const features = (input: string): Features => {
    const { data = [], shape: [count = 0, dim = 0] = [] } = inputs[input] ?? {};
    return { features: Float32Array.from(data), count, dim };
  };
  const output = (name: string) => outputs[name]?.data[0] ?? Number.NaN;
  return { features, output };
}

test('RankMe counts directions: 2 for equal singular values, exp(H(3/4, 1/4)) for 3 : 1', () => {
  expect(rankMe(rows([5, 0], [0, 5]))).toBeCloseTo(2, 5);
  expect(rankMe(rows([3, 0], [0, 1]))).toBeCloseTo(0.75 ** -0.75 * 0.25 ** -0.25, 5);
});

test('RankMe agrees with both references, by its ε', async () => {
  const { features, output } = await golden('rankme_effective_rank');
  expect(rankMe(features('Z')) / output('rankme_paper_eps1e7')).toBeCloseTo(1, 5);
  expect(rankMe(features('Z'), { epsilon: 1e-5 }) / output('rankme_spt_eps1e5')).toBeCloseTo(1, 5);
  expect(rankMe(features('Z'), { epsilon: 0 }) / output('effective_rank_roy_vetterli')).toBeCloseTo(1, 5);
  const rank1 = await golden('edge_rankme_rank1');
  expect(rankMe(rank1.features('Z'), { epsilon: 1e-5 }) / rank1.output('rankme_spt_eps1e5')).toBeCloseTo(1, 3);
});

test('RankMe is the same of a matrix and of its transpose, and at any scale', () => {
  const value = fc.integer({ min: -9, max: 9 });
  const matrix = fc.array(fc.tuple(value, value, value), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(matrix, (list) => {
      const transposed = [0, 1, 2].map((column) => list.map((row) => row[column] ?? 0));
      const rank = rankMe(rows(...list));
      expect(rankMe(rows(...transposed))).toBeCloseTo(rank, 4);
      expect(rankMe(rows(...list.map((row) => row.map((component) => component * 64))))).toBeCloseTo(rank, 4);
      expect(rank).toBeLessThanOrEqual(3.001);
    }),
  );
});

test('RankMe of nothing but zeros is 0', () => {
  expect(rankMe(rows([0, 0], [0, 0]))).toBe(0);
});

test('the standard deviation of normalised features agrees with the reference, times √dim', async () => {
  const { features, output } = await golden('std_l2_normalized');
  expect(featureStd(features('z')) / Math.sqrt(5) / output('value')).toBeCloseTo(1, 5);
});

test('the standard deviation is 0 when features have collapsed, to a point or to zero', () => {
  expect(featureStd(rows([1, 2], [2, 4], [3, 6]))).toBeCloseTo(0, 6);
  expect(featureStd(rows([0, 0], [0, 0]))).toBe(0);
});

test('alignment and uniformity agree with the reference', async () => {
  const { features, output } = await golden('align_uniform');
  const [x, y] = [features('x'), features('y')];
  const loss = alignment(x, y) + (uniformity(x) + uniformity(y)) / 2;
  expect(loss / output('loss')).toBeCloseTo(1, 5);
});

test('alignment is a mean power of distances, uniformity the log of a mean kernel', () => {
  const [z0, z1] = [rows([2, 0], [0, 1]), rows([0, 3], [0, 1])]; // distances √2 and 0
  expect(alignment(z0, z1)).toBeCloseTo(1, 6);
  expect(alignment(z0, z1, { power: 4 })).toBeCloseTo(2, 6);
  expect(uniformity(z0)).toBeCloseTo(-4, 6);
  expect(uniformity(z0, { scale: 3 })).toBeCloseTo(-6, 6);
  expect(uniformity(z1)).toBeCloseTo(0, 6); // collapsed
});

test('geometry refuses what has none', () => {
  const one = rows([1, 0]);
  expect(refusalOf(() => featureStd(one))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => uniformity(one))).toBe('BATCH_TOO_SMALL');
  expect(refusalOf(() => alignment(one, rows([1, 0], [0, 1])))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => rankMe({ ...one, count: 0 }))).toBe('DATASET_EMPTY');
  expect(refusalOf(() => rankMe(rows([Number.POSITIVE_INFINITY])))).toBe('FEATURES_NOT_FINITE');
});

test('as an evaluator, RankMe reads the whole bank, without labels', async () => {
  const bank = { ...rows([1, 0], [0, 1]), labels: new Int32Array(), classes: 0 };
  const figures = await rankMeEvaluator({ samples: 2 }).evaluate(bank, bank, 0);
  expect(figures.rankMe).toBeCloseTo(2, 5);
  expect(figures.featureStd).toBeCloseTo(1, 5);
});

test('as an evaluator, RankMe draws the rows of a large bank, which may be sorted by class, by its seed', async () => {
  const sorted = Array.from({ length: 200 }, (_, row) => (row < 100 ? [1, 0] : [0, 1]));
  const bank = { ...rows(...sorted), labels: new Int32Array(), classes: 0 };
  const rankOf = async (seed: number) => (await rankMeEvaluator({ samples: 100 }).evaluate(bank, bank, seed)).rankMe;
  expect(await rankOf(0)).toBeGreaterThan(1.98); // the first 100 rows have rank 1
  expect(await rankOf(0)).toBe(await rankOf(0));
  expect(await rankOf(1)).not.toBe(await rankOf(0));
});
