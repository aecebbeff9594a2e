import { randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { globalViewMasks } from './globalViewMasks';

describe('masks of global views', () => {
  const drawn = (options = {}) => globalViewMasks([6, 6], 2, options).draw(randomStream(['draws']), 200);
  const countsOf = (options = {}) => {
    const { 'masks/1': mask } = drawn(options);
    return Array.from(
      { length: 200 },
      (_, sample) => mask?.data.slice(sample * 36, (sample + 1) * 36).filter(Boolean).length ?? 0,
    );
  };

  test('have the shapes that were announced', () => {
    const { specs } = globalViewMasks([6, 6], 2);
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
      expect(refusalOf(() => globalViewMasks([6, 6], 2, options))).toBe('INVALID_OPTION');
    }
  });
});
