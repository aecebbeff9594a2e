import { expect, test } from 'vitest';
import { correlationsOf, criteriaOf, type RankedRun } from './criteria';

const run = (method: string, seed: number, rank: number, quality: number | undefined): RankedRun => ({
  seed,
  quality,
  criteria: { rank },
  settings: { method },
});

test('a criterion that ranks the runs of each method but not the methods is told from one that ranks all', () => {
  // b's ranks lie above a's, its qualities below: within a method the order is that of quality, over both it is not.
  const runs = [1, 2, 3].flatMap((at) => [run('a', 0, at, 10 + at), run('b', 0, 10 + at, at)]);
  const [correlation] = correlationsOf(runs, 'method');
  expect(correlation?.within).toEqual({ a: 1, b: 1 });
  expect(correlation?.rho).toBeLessThan(0);
  expect(correlation).not.toHaveProperty('bySeed'); // one seed has no interval
  expect(correlationsOf(runs)[0]?.within).toEqual({});
});

test('by seed is the mean of each seed’s own correlation', () => {
  const seed = (number: number, sign: number) => [1, 2, 3].map((at) => run('a', number, at, sign * at));
  const [correlation] = correlationsOf([...seed(0, 1), ...seed(1, 1), ...seed(2, -1)]);
  expect(correlation?.bySeed).toMatchObject({ mean: 1 / 3, values: [1, 1, -1] });
  expect(correlation?.runs).toBe(9);
});

test('runs without the quality are left out', () => {
  const runs = [1, 2, 3].map((at) => run('a', 0, at, at));
  expect(correlationsOf([...runs, run('a', 0, -9, undefined)])[0]).toMatchObject({ rho: 1, runs: 3 });
});

test('of each criterion more is better: losses count negatively, α-ReQ by its distance from 1', () => {
  const step = {
    type: 'step',
    step: 1,
    loss: 3,
    terms: {},
    scalars: {},
    samplesPerSecond: 1,
    projectionStd: 1,
  } as const;
  const figures = { geometry: { directions: 7, uniformity: -2, alphaReq: 0.75 } };
  const outcome = { evaluation: [{ features: 'trained encoder', figures, notes: {}, testCount: 1 }] };
  const rest = { steps: 1, trainingSeconds: 1, waitedSeconds: 0, callbackSeconds: 0, unreadable: [], environment: {} };
  const risk = { verdict: 'healthy', directions: { carrying: 4, possible: 128, fewest: 3 } } as const;
  expect(criteriaOf({ steps: [step], reports: [], outcome: { ...rest, ...outcome } }, risk)).toEqual({
    'low training loss': -3,
    'directions of features': 7,
    'uniformity of features (low)': 2,
    'α-ReQ near 1': -0.25,
    'directions of projections': 4,
  });
});
