import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../random';
import {
  blockSize,
  type MultiBlockDrawOptions,
  multiBlockDraws,
  multiBlockMask,
  multiBlockSizes,
} from './multiBlockMask';

const sides = integer({ min: 6, max: 16 });

test('one number drives share and aspect ratio of a block, which is smaller than the grid', () => {
  const options = { scale: [0.15, 0.2], aspect: [0.75, 1.5] } as const;
  expect(blockSize(0, [14, 14], options)).toEqual([5, 6]); // 29 patches, √(29·¾) and √(29/¾)
  expect(blockSize(0.999, [14, 14], options)).toEqual([8, 5]);
  expect(blockSize(0.5, [14, 14], { scale: [1, 1], aspect: [1, 1] })).toEqual([13, 13]);
});

test('a mask has whole rectangles as targets, and a context without any of them', () => {
  assert(
    property(integer(), sides, sides, (seed, rows, columns) => {
      const random = randomStream([seed]);
      const sizes = multiBlockSizes(random, [rows, columns]);
      const { context, targets } = multiBlockMask(random, [rows, columns], sizes);
      expect(targets.length).toBe(4);
      for (const target of targets) {
        const [first = 0] = target;
        const [height, width] = sizes.target;
        const rectangle = Array.from(
          { length: height * width },
          (_, at) => first + Math.floor(at / width) * columns + (at % width),
        );
        expect(target).toEqual(rectangle);
        expect((first % columns) + width).toBeLessThanOrEqual(columns);
        expect(target.at(-1)).toBeLessThan(rows * columns);
      }
      const covered = new Set(targets.flat());
      expect(context.some((patch) => covered.has(patch))).toBe(false);
      expect(context).toEqual([...new Set(context)].sort((a, b) => a - b));
    }),
  );
});

describe('draws for a batch', () => {
  test('have fixed sizes, ascending patches on the grid, and no target in the context of a grid of 14 × 14', () => {
    assert(
      property(integer(), (seed) => {
        const { specs, draw } = multiBlockDraws([14, 14]);
        const drawn = draw(randomStream([seed]), 5);
        expect(specs(5)).toEqual({
          'masks/context': { shape: [5, 58], dtype: 'int32' },
          'masks/targets': { shape: [5, 4, 30], dtype: 'int32' },
        });
        expect(drawn).toMatchObject(specs(5));
        for (let sample = 0; sample < 5; sample++) {
          const context = [...(drawn['masks/context']?.data.slice(58 * sample, 58 * (sample + 1)) ?? [])];
          const targets = [...(drawn['masks/targets']?.data.slice(120 * sample, 120 * (sample + 1)) ?? [])];
          expect(context).toEqual([...new Set(context)].sort((a, b) => a - b));
          expect(Math.min(...context, ...targets)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...context, ...targets)).toBeLessThan(196);
          expect(context.some((patch) => targets.includes(patch))).toBe(false);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('follow their options', () => {
    const options = { targetBlocks: 2, contextTokens: 5, targetTokens: 3 };
    expect(multiBlockDraws([6, 6], options).specs(2)).toEqual({
      'masks/context': { shape: [2, 5], dtype: 'int32' },
      'masks/targets': { shape: [2, 2, 3], dtype: 'int32' },
    });
    const small = multiBlockDraws([10, 10], {
      contextScale: [0.25, 0.25],
      contextTokens: 25,
      targetBlocks: 1,
      targetScale: [0.01, 0.01],
      targetAspect: [1, 1],
    });
    const { 'masks/context': context } = small.draw(randomStream([2]), 1);
    const columns = new Set([...(context?.data ?? [])].map((patch) => Number(patch) % 10));
    expect(columns.size).toBe(5);
  });

  test('fill up a context that targets leave too little of', () => {
    const crowded = multiBlockDraws([6, 6], { contextTokens: 34 });
    const { 'masks/context': context } = crowded.draw(randomStream([3]), 2);
    expect(new Set(context?.data.slice(0, 34)).size).toBe(34);
  });

  test('refuse to show everything or nothing, and targets larger than their blocks', () => {
    const call =
      (options: MultiBlockDrawOptions, side = 6) =>
      () =>
        multiBlockDraws([side, side], options);
    const refusal = expect.objectContaining({ code: 'INVALID_OPTION' });
    expect(call({ contextTokens: 36 })).toThrow(refusal);
    expect(call({ contextTokens: 0 })).toThrow(refusal);
    expect(call({ targetTokens: 5 })).toThrow(refusal);
    expect(call({ targetBlocks: 0 })).toThrow(refusal);
    expect(call({}, 2)).toThrow(refusal);
  });
});
