import { randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockMask, maskDraws } from './blockMask';

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
        const count = Math.ceil(share * rows * columns);
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

describe('draws for a batch', () => {
  const drawn = (options = {}) => maskDraws([6, 6], 2, options).draw(randomStream(['draws']), 200);
  const countsOf = (options = {}) => {
    const { 'masks/1': mask } = drawn(options);
    return Array.from(
      { length: 200 },
      (_, sample) => mask?.data.slice(sample * 36, (sample + 1) * 36).filter(Boolean).length ?? 0,
    );
  };

  test('have the shapes that were announced', () => {
    const { specs } = maskDraws([6, 6], 2);
    expect(specs(200)).toEqual({
      'masks/0': { shape: [200, 36], dtype: 'float32' },
      'masks/1': { shape: [200, 36], dtype: 'float32' },
    });
    expect(drawn()).toMatchObject(specs(200));
  });

  test('leave half of the views whole, and mask 10 to 50 % of the others', () => {
    const counts = countsOf();
    const some = counts.filter((count) => count > 0);
    expect(some.length / 200).toBeCloseTo(0.5, 1);
    expect(Math.max(...some)).toBeLessThanOrEqual(18);
    expect(some.reduce((sum, count) => sum + count) / some.length / 36).toBeCloseTo(0.3, 1);
  });

  test('follow probability and ratio', () => {
    const counts = countsOf({ maskProbability: 1, maskRatio: [0.75, 0.75] });
    expect(counts.filter((count) => count > 20).length).toBeGreaterThan(190);
    expect(Math.max(...counts)).toBe(27);
  });

  test('refuse masks that hide nothing or everything', () => {
    for (const options of [
      { maskProbability: 0 },
      { maskProbability: 2 },
      { maskRatio: [0, 0.5] },
      { maskRatio: [0.5, 1] },
      { maskRatio: [0.5, 0.1] },
    ] as const) {
      expect(refusalOf(() => maskDraws([6, 6], 2, options))).toBe('INVALID_OPTION');
    }
  });
});
