import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { protocolsGolden } from './protocolsFixture';
import { similarityCorrelation, similarityCorrelationEvaluator } from './similarityCorrelation';

test('agrees with SciPy, with ties among the scores', async () => {
  const { bank, queries, input, output } = await protocolsGolden();
  const { count, dim } = queries;
  const left = { features: bank.features.slice(0, count * dim), count, dim };
  const { spearman, pearson } = similarityCorrelation(left, queries, input('scores'));
  expect(spearman).toBeCloseTo(output('spearman')[0] ?? 0, 6);
  expect(pearson).toBeCloseTo(output('pearson')[0] ?? 0, 6);
});

const angles = (values: readonly number[]) => ({
  features: Float32Array.from(values.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
  count: values.length,
  dim: 2,
});

test('Spearman asks for the order alone, Pearson for the line', () => {
  const [left, right] = [angles([0, 0, 0]), angles([0.1, 0.5, 1])];
  const { spearman, pearson } = similarityCorrelation(left, right, [100, 2, 1]);
  expect(spearman).toBeCloseTo(1, 12);
  expect(pearson).toBeLessThan(0.9);
  expect(similarityCorrelation(left, right, [1, 2, 3]).spearman).toBeCloseTo(-1, 12);
});

test('refuses what correlates with nothing', () => {
  const [left, right] = [angles([0, 0]), angles([0.1, 0.5])];
  expect(refusalOf(() => similarityCorrelation(left, right, [1, 1]))).toBe('INVALID_OPTION');
  expect(refusalOf(() => similarityCorrelation(left, left, [1, 2]))).toBe('INVALID_OPTION');
  expect(refusalOf(() => similarityCorrelation(left, right, [1, Number.NaN]))).toBe('INVALID_OPTION');
  expect(refusalOf(() => similarityCorrelation(left, right, [1]))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => similarityCorrelation(left, angles([1]), [1, 2]))).toBe('SHAPE_MISMATCH');
});

test('as an evaluator takes firsts for its bank and seconds for its test set', async () => {
  const unlabelled = { labels: new Int32Array(), classes: 0 };
  const [left, right] = [
    { ...angles([0, 0, 0]), ...unlabelled },
    { ...angles([0.1, 0.5, 1]), ...unlabelled },
  ];
  const evaluator = similarityCorrelationEvaluator({ scores: [3, 2, 1] });
  expect(await evaluator.evaluate(left, right, 0)).toEqual({ ...similarityCorrelation(left, right, [3, 2, 1]) });
  await expect(evaluator.evaluate(left, { ...angles([1]), ...unlabelled }, 0)).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
  });
});
