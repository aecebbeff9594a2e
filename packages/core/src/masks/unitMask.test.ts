import { expect, test } from 'vitest';
import { randomStream } from '../random';
import { maskDraws } from './hiddenTokens';
import { unitMask } from './unitMask';

test('hides whole squares: 22 of the 36 of 32 pixels in a view of 192, as SimMIM does', () => {
  const mask = unitMask(randomStream([1]), [12, 12]); // patches of 16 pixels
  expect(mask.filter(Boolean).length).toBe(22 * 4);
  for (let row = 0; row < 12; row += 2) {
    for (let column = 0; column < 12; column += 2) {
      const square = [0, 1, 12, 13].map((offset) => mask[row * 12 + column + offset]);
      expect(new Set(square).size).toBe(1);
    }
  }
  expect(unitMask(randomStream([1]), [48, 48], { unit: 8 }).filter(Boolean).length).toBe(22 * 64);
});

test('follows its ratio, and its seed', () => {
  expect(unitMask(randomStream([1]), [4, 6], { unit: 1, ratio: 0.25 }).filter(Boolean).length).toBe(6);
  expect(unitMask(randomStream([1]), [8, 8])).toEqual(unitMask(randomStream([1]), [8, 8]));
  expect(unitMask(randomStream([1]), [8, 8])).not.toEqual(unitMask(randomStream([2]), [8, 8]));
});

test('makes masks of a batch with maskDraws, one for each sample', () => {
  const { specs, draw } = maskDraws(16, (random) => unitMask(random, [4, 4]), 2);
  expect(specs(3)).toEqual({
    'masks/0': { shape: [3, 16], dtype: 'float32' },
    'masks/1': { shape: [3, 16], dtype: 'float32' },
  });
  const drawn = draw(randomStream([5]), 3);
  expect(drawn).toMatchObject(specs(3));
  for (const { data } of Object.values(drawn)) expect([...data].filter(Boolean).length).toBe(3 * 3 * 4); // ⌈0.6 · 4⌉ of 4 squares
});

test('refuses to hide everything or nothing, and squares that do not fill the grid', () => {
  const refusal = expect.objectContaining({ code: 'INVALID_OPTION' });
  for (const options of [{ ratio: 0 }, { ratio: 1 }, { ratio: 0.9 }, { unit: 3 }, { unit: 0 }, { unit: 4 }]) {
    expect(() => unitMask(randomStream([1]), [4, 4], options)).toThrow(refusal);
  }
});
