import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../random';
import { spanMask } from './spanMask';
import { textSpanMask } from './textSpanMask';

const refusal = expect.objectContaining({ code: 'INVALID_OPTION' });

/** Lengths of the runs of hidden steps. */
function runs(mask: Float32Array): number[] {
  return [...mask]
    .join('')
    .split('0')
    .map(({ length }) => length)
    .filter(Boolean);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('spans of speech', () => {
  test('hide what the paper says of 15 seconds: 49 % of the steps, in runs of 14.7 on average and 10 most often', () => {
    const masks = Array.from({ length: 300 }, (_, seed) => spanMask(randomStream(['speech', seed]), 749));
    expect(Math.abs(mean(masks.map((mask) => mask.filter(Boolean).length / 749)) - 0.49)).toBeLessThan(0.02);
    const lengths = masks.flatMap(runs).toSorted((a, b) => a - b);
    expect(Math.abs(mean(lengths) - 14.7)).toBeLessThan(0.5);
    expect(lengths[Math.floor(lengths.length / 2)]).toBe(10);
    expect(lengths[0]).toBe(10);
  });

  test('follow their options, hide one span at least, and never all steps', () => {
    assert(
      property(integer(), integer({ min: 4, max: 40 }), (seed, length) => {
        for (const probability of [0.01, 0.5, 0.99]) {
          const mask = spanMask(randomStream([seed]), length, { probability, spanLength: 3 });
          expect(Math.min(...runs(mask))).toBeGreaterThanOrEqual(3);
          expect(mask.filter(Boolean).length).toBeLessThan(length);
        }
      }),
    );
  });

  test('refuse to hide everything or nothing', () => {
    for (const options of [{ probability: 0 }, { probability: 1 }, { spanLength: 0 }, { spanLength: 20 }]) {
      expect(() => spanMask(randomStream([1]), 20, options)).toThrow(refusal);
    }
  });
});

describe('spans of text', () => {
  test('have lengths of 3.8 on average, 10 at most, short ones most often, as SpanBERT’s', () => {
    const masks = Array.from({ length: 5 }, (_, seed) => textSpanMask(randomStream([seed]), 1e5, { ratio: 0.01 }));
    const lengths = masks.flatMap(runs); // so few that hardly any touch
    expect(Math.abs(mean(lengths) - 3.8)).toBeLessThan(0.25);
    expect(mean(lengths.map((length) => (length > 10 ? 1 : 0)))).toBeLessThan(0.03);
    expect(Math.abs(mean(lengths.map((length) => (length === 1 ? 1 : 0))) - 0.2 / (1 - 0.8 ** 10))).toBeLessThan(0.04);
  });

  test('hide exactly 15 %, whatever is drawn', () => {
    assert(
      property(integer(), integer({ min: 2, max: 200 }), (seed, length) => {
        const mask = textSpanMask(randomStream([seed]), length);
        expect(mask.filter(Boolean).length).toBe(Math.max(1, Math.round(0.15 * length)));
        expect(mask).toEqual(textSpanMask(randomStream([seed]), length));
      }),
    );
  });

  test('follow their options', () => {
    expect(runs(textSpanMask(randomStream([1]), 20, { stop: 0.0001, maxLength: 4, ratio: 0.2 }))).not.toContain(5);
    expect(Math.max(...runs(textSpanMask(randomStream([2]), 500, { stop: 1, ratio: 0.02 })))).toBeLessThan(3);
    expect(textSpanMask(randomStream([1]), 10, { ratio: 0.5 }).filter(Boolean).length).toBe(5);
  });

  test('refuse to hide everything or nothing', () => {
    for (const options of [{ ratio: 0 }, { ratio: 1 }, { ratio: 0.97 }, { stop: 0 }, { maxLength: 0 }]) {
      expect(() => textSpanMask(randomStream([1]), 10, options)).toThrow(refusal);
    }
  });
});
