import type { Dataset } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { split, subset } from './subset';

const numbers = (length: number): Dataset<number> => ({
  name: 'numbers',
  length,
  read: (index) => 10 * index,
  sampleName: (index) => `number ${index}`,
  labels: { values: Int32Array.from({ length }, (_, index) => index % 3), classes: ['a', 'b', 'c'] },
  fingerprint: `numbers:${length}`,
});

const samplesOf = (dataset: Dataset<number>) =>
  Promise.all(Array.from({ length: dataset.length }, (_, index) => dataset.read(index)));

describe('subset', () => {
  test('holds the samples, names and labels of the chosen indices, in their order', async () => {
    const chosen = subset(numbers(10), [7, 2, 2]);
    expect(await samplesOf(chosen)).toEqual([70, 20, 20]);
    expect(chosen.sampleName(0)).toBe('number 7');
    expect(chosen.labels).toEqual({ values: Int32Array.of(1, 2, 2), classes: ['a', 'b', 'c'] });
  });

  test('keeps neighbours of one stretch together, in any order', () => {
    const stretches = { starts: Int32Array.of(0, 4, 8), together: 2 };
    const starts = (indices: readonly number[]) =>
      Array.from(subset({ ...numbers(10), stretches }, indices).stretches?.starts ?? []);
    expect(starts([1, 2, 3, 5, 9])).toEqual([0, 3, 4]);
    expect(starts([9, 8, 0, 7, 4, 1])).toEqual([0, 2, 3, 5]);
    expect(subset(numbers(10), [1]).stretches).toBeUndefined();
  });

  test('has another fingerprint for other indices', () => {
    const prints = [
      [0, 1],
      [1, 0],
      [0, 1, 2],
    ].map((indices) => subset(numbers(10), indices).fingerprint);
    expect(new Set([...prints, numbers(10).fingerprint]).size).toBe(4);
  });

  test.each([[[10]], [[-1]], [[0.5]], [[Number.NaN]]])('refuses index %s', (indices) => {
    expect(refusalOf(() => subset(numbers(10), indices))).toBe('INVALID_OPTION');
  });
});

describe('split', () => {
  test('cuts after a count', async () => {
    const [first, second] = split(numbers(5), { at: 3 });
    expect([await samplesOf(first), await samplesOf(second)]).toEqual([
      [0, 10, 20],
      [30, 40],
    ]);
  });

  test('gives every sample to one of the parts, and the same ones for the same seed', async () => {
    await Promise.all(
      [1, 2, 3].map(async (seed) => {
        const [first, second] = split(numbers(40), { share: 0.25, seed });
        expect(first.length).toBe(10);
        const all = [...(await samplesOf(first)), ...(await samplesOf(second))];
        expect(all.sort((a, b) => a - b)).toEqual(await samplesOf(numbers(40)));
        expect(split(numbers(40), { share: 0.25, seed })[0].fingerprint).toBe(first.fingerprint);
        expect(split(numbers(40), { share: 0.25, seed: seed + 1 })[0].fingerprint).not.toBe(first.fingerprint);
      }),
    );
  });

  test('refuses to leave a part empty', () => {
    assert(
      property(integer({ min: 1, max: 20 }), (length) => {
        for (const at of [0, length, -1, 0.5])
          expect(refusalOf(() => split(numbers(length), { at }))).toBe('INVALID_OPTION');
        expect(refusalOf(() => split(numbers(length), { share: 0, seed: 1 }))).toBe('INVALID_OPTION');
      }),
    );
  });
});
