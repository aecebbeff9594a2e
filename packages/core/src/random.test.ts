import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomStream } from './random';

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

test('pins the first numbers, so that a seed means the same run in every version', () => {
  const stream = randomStream([0, 'order', 1]);
  expect([stream.uniform(), stream.uniform(), stream.normal(), stream.integer(100)]).toMatchInlineSnapshot(`
    [
      0.8895935795735568,
      0.6227653529495001,
      -1.5573041806732084,
      0,
    ]
  `);
});

test('uniform numbers have mean 1/2 and variance 1/12, normal ones 0 and 1', () => {
  const stream = randomStream([3, 'moments']);
  const uniform = moments(Array.from({ length: 40_000 }, () => stream.uniform()));
  const normal = moments(Array.from({ length: 40_000 }, () => stream.normal()));
  expect(uniform.mean).toBeCloseTo(0.5, 1.9);
  expect(uniform.variance).toBeCloseTo(1 / 12, 2);
  expect(normal.mean).toBeCloseTo(0, 1.6);
  expect(normal.variance).toBeCloseTo(1, 1.6);
});

test('neighbouring keys give unrelated streams', () => {
  const count = 2_000;
  const first = Array.from({ length: count }, (_, step) => randomStream([7, 'batch', step]).normal());
  const products = first.slice(1).map((value, index) => value * (first[index] ?? 0));
  expect(Math.abs(moments(products).mean)).toBeLessThan(4 / Math.sqrt(count));
  expect(randomStream([1, 23]).uniform()).not.toBe(randomStream([12, 3]).uniform());
  expect(randomStream(['1']).uniform()).not.toBe(randomStream([1]).uniform());
});

test('a permutation holds every index once, and all six orders of three come up equally often', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 200 }), (seed, length) => {
      const order = randomStream([seed]).permutation(length);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, index) => index));
    }),
  );
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6_000; seed++) {
    const order = randomStream([seed, 'order']).permutation(3).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('integers stay below their bound', () => {
  const stream = randomStream([5]);
  const seen = new Set(Array.from({ length: 1_000 }, () => stream.integer(7)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
