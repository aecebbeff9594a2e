import { expect, test } from 'vitest';
import { placementOf, sampleAt, sampleTowards } from './scatterPlot';

const points = Float32Array.of(-1, 0, 1, 0, 0, 0.5, 0, -0.5);

test('a map fills the canvas, the same in both directions', () => {
  const { centre, scale } = placementOf(points, 400, 400);
  expect(centre).toEqual([200, 200]);
  expect(scale).toBeCloseTo(200 / 1.12, 5);
});

test('a map that has collapsed stays a spot', () => {
  const { scale } = placementOf(
    points.map((value) => value / 1000),
    400,
    400,
  );
  expect(2 * scale * 0.001).toBeLessThan(4); // pixels between the outermost
});

test('a click finds the nearest sample, or none where none is near', () => {
  const scatter = { points, placement: placementOf(points, 400, 400), size: 20 };
  expect(sampleAt(scatter, 200 + 200 / 1.12, 205)).toBe(1);
  expect(sampleAt(scatter, 200, 205)).toBeUndefined();
});

test('arrows go to the next sample on that side, and stay where there is none', () => {
  expect(sampleTowards(points, 3, [0, 1])).toBe(2);
  expect(sampleTowards(points, 2, [1, 0])).toBe(1);
  expect(sampleTowards(points, 1, [1, 0])).toBe(1);
});
