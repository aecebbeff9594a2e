import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../random';
import { tubeMask, tubeMaskDraws } from './tubeMask';

describe('tubes', () => {
  test('hide the same places in every frame, and split a clip into context and targets', () => {
    const sides = integer({ min: 4, max: 10 });
    assert(
      property(integer(), integer({ min: 1, max: 6 }), sides, sides, (seed, frames, rows, columns) => {
        const { context, targets } = tubeMask(randomStream([seed]), [frames, rows, columns], { blocks: 2 });
        const all = Array.from({ length: frames * rows * columns }, (_, token) => token);
        expect([...context, ...targets].sort((a, b) => a - b)).toEqual(all);
        const inFrame = (frame: number) =>
          targets
            .filter((token) => Math.floor(token / (rows * columns)) === frame)
            .map((token) => token % (rows * columns));
        for (let frame = 1; frame < frames; frame++) expect(inFrame(frame)).toEqual(inFrame(0));
        expect(targets).toEqual([...targets].sort((a, b) => a - b));
      }),
    );
  });

  test('follow number, scale and aspect', () => {
    const hidden = (options: object) => tubeMask(randomStream([1]), [1, 10, 10], options).targets;
    expect(hidden({ blocks: 1, scale: 0.25, aspect: [1, 1] }).length).toBe(25);
    expect(hidden({ blocks: 1, scale: 0.16, aspect: [4, 4] }).map((token) => token % 10)).toHaveLength(16);
    expect(new Set(hidden({ blocks: 1, scale: 0.16, aspect: [4, 4] }).map((token) => token % 10)).size).toBe(2);
    expect(hidden({ blocks: 8, scale: 0.25 }).length).toBeGreaterThan(25);
  });

  test('refuse to hide nothing or everything', () => {
    const refusal = expect.objectContaining({ code: 'INVALID_OPTION' });
    const call =
      (options: object, grid: readonly [number, number, number] = [2, 6, 6]) =>
      () =>
        tubeMask(randomStream([1]), grid, options);
    for (const options of [{ blocks: 0 }, { scale: 0 }, { scale: 1 }]) expect(call(options)).toThrow(refusal);
    expect(call({ blocks: 200, scale: 0.5 })).toThrow(refusal);
    expect(call({}, [2, 2, 2])).toThrow(refusal);
  });
});

describe('draws for a batch', () => {
  const grid = [8, 14, 14] as const;

  test.each([
    ['short-range', {}],
    ['long-range', { blocks: 2, scale: 0.7 }],
  ])('of %s tubes have fixed sizes, and share no token between context and targets', (_, options) => {
    const { specs, draw } = tubeMaskDraws(grid, options);
    const drawn = draw(randomStream(['tubes']), 20);
    expect(drawn).toMatchObject(specs(20));
    const { 'masks/context': context, 'masks/targets': targets } = drawn;
    const [contextTokens = 0, targetTokens = 0] = [context?.shape[1], targets?.shape[1]];
    expect([contextTokens % 8, targetTokens % 8]).toEqual([0, 0]);
    for (let sample = 0; sample < 20; sample++) {
      const seen = [...(context?.data.slice(sample * contextTokens, (sample + 1) * contextTokens) ?? [])];
      const guessed = [...(targets?.data.slice(sample * targetTokens, (sample + 1) * targetTokens) ?? [])];
      expect(new Set([...seen, ...guessed]).size).toBe(contextTokens + targetTokens);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(guessed).toEqual(guessed.toSorted((a, b) => a - b));
      const inFirst = guessed.slice(0, targetTokens / 8);
      expect(guessed.slice(-targetTokens / 8)).toEqual(inFirst.map((at) => at + 7 * 196));
    }
  });

  test('have as many places as they are told to, even where tubes leave fewer', () => {
    const { draw } = tubeMaskDraws([2, 6, 6], { blocks: 1, scale: 0.25, contextPlaces: 30, targetPlaces: 12 });
    const { 'masks/context': context, 'masks/targets': targets } = draw(randomStream([1]), 3);
    expect([context?.shape, targets?.shape]).toEqual([
      [3, 60],
      [3, 24],
    ]);
    expect(new Set(context?.data.slice(0, 60)).size).toBe(60);
  });

  test('refuse sizes that hide everything or nothing', () => {
    const refusal = expect.objectContaining({ code: 'INVALID_OPTION' });
    for (const options of [{ contextPlaces: 0 }, { contextPlaces: 196 }, { targetPlaces: 0 }, { targetPlaces: 196 }]) {
      expect(() => tubeMaskDraws(grid, options)).toThrow(refusal);
    }
    expect(() => tubeMaskDraws(grid, { blocks: 40 })).toThrow(refusal);
  });
});
