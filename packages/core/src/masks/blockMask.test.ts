import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomStream } from '../random';
import { blockMask } from './blockMask';

const masked = (mask: Float32Array) => mask.reduce((sum, value) => sum + value, 0);

test('masks at most as many patches as asked for, on any grid', () => {
  const sides = fc.integer({ min: 2, max: 16 });
  fc.assert(
    fc.property(
      fc.integer(),
      sides,
      sides,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (seed, rows, columns, share) => {
        const count = Math.floor(share * (rows * columns - 1));
        const mask = blockMask(randomStream([seed]), [rows, columns], count);
        expect(mask.length).toBe(rows * columns);
        expect(mask.every((value) => value === 0 || value === 1)).toBe(true);
        expect(masked(mask)).toBeLessThanOrEqual(count);
        expect(mask).toEqual(blockMask(randomStream([seed]), [rows, columns], count));
      },
    ),
  );
});

test('masks nearly that many on average: the figures of DINOv2’s generator for 14 × 14 patches', () => {
  for (const [count, mean] of [
    [20, 19.975],
    [60, 59.95],
    [98, 97.875],
  ] as const) {
    const counts = Array.from({ length: 400 }, (_, seed) =>
      masked(blockMask(randomStream(['mean', seed]), [14, 14], count)),
    );
    expect(Math.max(...counts)).toBe(count);
    expect(counts.reduce((sum, value) => sum + value) / counts.length).toBeGreaterThan(mean - 0.1);
  }
});

test('masks whole rectangles: one that fits is all of the mask', () => {
  const mask = blockMask(randomStream([3]), [10, 10], 9, { minPatches: 9, minAspect: 1 });
  const patches = [...mask.keys()].filter((patch) => mask[patch] === 1);
  const [first = 0] = patches;
  expect(patches).toEqual([0, 1, 2, 10, 11, 12, 20, 21, 22].map((patch) => first + patch));
});

test('refuses to mask everything, and rectangles that there are not', () => {
  for (const [count, options] of [
    [100, {}],
    [-1, {}],
    [2.5, {}],
    [10, { minPatches: 0 }],
    [10, { minAspect: 0 }],
    [10, { minAspect: 2 }],
  ] as const) {
    const call = () => blockMask(randomStream([1]), [10, 10], count, options);
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  }
});
