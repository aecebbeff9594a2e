import { expect, test } from 'vitest';
import { alignMap } from './alignMap';

const map = Float32Array.of(1, 0, 0, 2, -1, -1, 0.5, 0.25);

/** The map, mirrored if asked for and turned by an angle. */
function moved(angle: number, mirror: 1 | -1): Float32Array {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return map.map((value, at) => {
    const [x, y] = at % 2 === 0 ? [value, mirror * (map[at + 1] ?? 0)] : [map[at - 1] ?? 0, mirror * value];
    return at % 2 === 0 ? cos * x - sin * y : sin * x + cos * y;
  });
}

test.each([
  [0, 1],
  [2.1, 1],
  [-0.7, -1],
  [Math.PI, -1],
] as const)('a map that was turned by %d and mirrored (%d) comes back to where it was', (angle, mirror) => {
  const back = alignMap(map, moved(angle, mirror));
  for (const [at, value] of map.entries()) expect(back[at]).toBeCloseTo(value, 5);
});

test('nothing but turning and mirroring is done: lengths stay', () => {
  const other = Float32Array.of(3, 1, -2, 0.5, 0, -1, 1, 1);
  const turned = alignMap(map, other);
  const lengths = (points: Float32Array) => [0, 2, 4, 6].map((at) => Math.hypot(points[at] ?? 0, points[at + 1] ?? 0));
  for (const [at, length] of lengths(other).entries()) expect(lengths(turned)[at]).toBeCloseTo(length, 5);
});

test('the first map, or one of other samples, stays as it is', () => {
  expect(alignMap(new Float32Array(0), map)).toEqual(map);
});
