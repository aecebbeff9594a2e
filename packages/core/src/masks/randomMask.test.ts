import { assert, double, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../random';
import { randomMask, randomMaskDraws } from './randomMask';

const refusal = expect.objectContaining({ code: 'INVALID_OPTION' });

test('hides three quarters of the tokens, and restores all to their places', () => {
  const { visible, hidden, restore } = randomMask(randomStream([1]), 196);
  expect([visible.length, hidden.length]).toEqual([49, 147]);
  const shuffled = [...visible, ...hidden];
  expect([...restore].map((place) => shuffled[place])).toEqual(Array.from({ length: 196 }, (_, token) => token));
});

test('hides so many whatever is drawn, and leaves and hides one at least', () => {
  assert(
    property(
      integer(),
      integer({ min: 2, max: 60 }),
      double({ min: 0.05, max: 0.95, noNaN: true }),
      (seed, n, ratio) => {
        const visible = Math.floor(n * (1 - ratio) + 1e-9);
        const call = () => randomMask(randomStream([seed]), n, { ratio });
        if (visible === 0) expect(call).toThrow(refusal);
        else expect(call().visible.length).toBe(visible);
      },
    ),
  );
});

test('hides every token as often as any other', () => {
  const seen = new Float64Array(10);
  for (let seed = 0; seed < 2000; seed++) {
    for (const token of randomMask(randomStream(['often', seed]), 10, { ratio: 0.5 }).visible)
      seen[token] = (seen[token] ?? 0) + 1;
  }
  for (const count of seen) expect(Math.abs(count / 2000 - 0.5)).toBeLessThan(0.05); // four standard errors
});

describe('draws for a batch', () => {
  test('have fixed sizes, and another mask for each sample', () => {
    const { specs, draw } = randomMaskDraws(16);
    expect(specs(3)).toEqual({
      'masks/visible': { shape: [3, 4], dtype: 'int32' },
      'masks/hidden': { shape: [3, 12], dtype: 'int32' },
      'masks/restore': { shape: [3, 16], dtype: 'int32' },
    });
    const drawn = draw(randomStream([2]), 3);
    expect(drawn).toMatchObject(specs(3));
    const { 'masks/visible': visible } = drawn;
    expect(visible?.data.slice(0, 4)).not.toEqual(visible?.data.slice(4, 8));
  });

  test('refuse to hide everything or nothing, and say of which option', () => {
    for (const ratio of [0, 1, -1, 2, 0.99, Number.NaN]) {
      expect(() => randomMaskDraws(16, { ratio })).toThrow(refusal);
      expect(() => randomMaskDraws(16, { ratio })).toThrow(`ratio is ${ratio}`);
    }
  });
});
