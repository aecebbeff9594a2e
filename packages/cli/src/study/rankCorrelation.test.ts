import { expect, test } from 'vitest';
import { rankCorrelation } from './rankCorrelation';

test('is 1 for the same order whatever the distances, −1 for the reverse', () => {
  expect(
    rankCorrelation([
      [1, 10],
      [2, 11],
      [3, 500],
    ]),
  ).toBeCloseTo(1, 12);
  expect(
    rankCorrelation([
      [1, 3],
      [2, 2],
      [3, -9],
    ]),
  ).toBeCloseTo(-1, 12);
});

test('gives ties their mean rank', () => {
  // ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: covariance 4.5, variances 4.5 and 5
  expect(
    rankCorrelation([
      [1, 1],
      [2, 2],
      [2, 3],
      [3, 4],
    ]),
  ).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
});

test('is undefined where there is nothing to rank', () => {
  expect(
    rankCorrelation([
      [1, 1],
      [2, 2],
    ]),
  ).toBeNaN();
  expect(
    rankCorrelation([
      [1, 1],
      [1, 2],
      [1, 3],
    ]),
  ).toBeNaN();
});
