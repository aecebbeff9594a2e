import { expect, test } from 'vitest';
import { type History, nothing, withPoint } from './history';

test('a run that goes on from a checkpoint takes the place of what came after it', () => {
  const first = [1, 2, 3].reduce((history, step) => withPoint(history, 'loss', step, 10 * step), nothing);
  expect(withPoint(first, 'loss', 2, 7).loss).toEqual([
    [1, 10],
    [2, 7],
  ]);
  expect(withPoint(first, 'knn', 2, 0.5)).toEqual({ ...first, knn: [[2, 0.5]] });
});

test('however long a run is, some thousand values are kept, over the whole of it', () => {
  let history: History = nothing;
  for (let step = 1; step <= 20_000; step++) history = withPoint(history, 'std', step, step);
  expect(history.std.length).toBeLessThanOrEqual(4001);
  expect(history.std.length).toBeGreaterThan(2000);
  expect(history.std[0]).toEqual([1, 1]);
  expect(history.std.at(-1)).toEqual([20_000, 20_000]);
  expect(history.std.map(([step]) => step)).toEqual(history.std.map(([step]) => step).sort((a, b) => a - b));
});
