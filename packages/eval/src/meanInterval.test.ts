import { expect, test } from 'vitest';
import { meanInterval } from './meanInterval';

test('three values have the interval of Student’s t with two degrees of freedom', () => {
  const { mean, confidence95 } = meanInterval([1, 2, 3]);
  expect(mean).toBe(2);
  expect(confidence95).toBeCloseTo(4.303 / Math.sqrt(3), 6); // standard deviation 1
});

test('a single value has no interval, equal values one of 0', () => {
  expect(meanInterval([5])).toEqual({ mean: 5, values: [5] });
  expect(meanInterval([5, 5]).confidence95).toBe(0);
});

test('many values have nearly the normal interval', () => {
  const values = Array.from({ length: 100 }, (_, at) => at % 2);
  expect(meanInterval(values).confidence95).toBeCloseTo((1.96 * Math.sqrt(25 / 99)) / 10, 6);
});
