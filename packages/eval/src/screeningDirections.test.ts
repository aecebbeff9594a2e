import { randomStream } from '@unlabel/core';
import { expect, test } from 'vitest';
import type { Features } from './features';
import { fixedPointSearch } from './fixedPointSearch';
import { screeningDirections } from './screeningDirections';

const k = 20;
const search = { k, length: 40 };

/** Rows whose dimension `column` has standard deviation `spread(column)`, then rotated where no axis is a principal one. */
function rows(count: number, dim: number, seed: number, spread: (column: number) => number): Features {
  const random = randomStream([seed]);
  const features = new Float32Array(count * dim);
  const mirror = Float64Array.from({ length: dim }, (_, column) => Math.sin(column + 1));
  const squares = mirror.reduce((sum, value) => sum + value ** 2, 0);
  for (let row = 0; row < count; row++) {
    const plain = Float64Array.from({ length: dim }, (_, column) => spread(column) * random.normal());
    const along = plain.reduce((sum, value, column) => sum + value * (mirror[column] ?? 0), 0);
    features.set(
      plain.map((value, column) => value - ((2 * along) / squares) * (mirror[column] ?? 0)),
      row * dim,
    );
  }
  return { features, count, dim };
}

const decaying = (column: number) => 1 / (1 + column / 4);

test('directions of decaying spectra are orthonormal, and few carry most of a row', () => {
  const bank = rows(3001, 100, 1, decaying);
  const found = screeningDirections(bank, rows(65, 100, 2, decaying), k);
  const { rows: basis = new Float64Array(), count = 0 } = found ?? {};
  expect(count).toBeGreaterThan(0);
  for (let left = 0; left < count; left++) {
    for (let right = 0; right <= left; right++) {
      let product = 0;
      for (let at = 0; at < 100; at++) product += (basis[left * 100 + at] ?? 0) * (basis[right * 100 + at] ?? 0);
      expect(product).toBeCloseTo(left === right ? 1 : 0, 10);
    }
  }
});

test('flat spectra and few dimensions are not worth a screen', () => {
  expect(
    screeningDirections(
      rows(3000, 128, 1, () => 1),
      rows(100, 128, 2, () => 1),
      k,
    ),
  ).toBeUndefined();
  expect(screeningDirections(rows(300, 24, 1, decaying), rows(100, 24, 2, decaying), k)).toBeUndefined();
});

test('constant rows and rows of one direction have directions, or none, but no numbers that are not finite', () => {
  const constant = { features: new Float32Array(500 * 64).fill(3), count: 500, dim: 64 };
  const found = screeningDirections(constant, constant, k);
  expect(found?.rows.every(Number.isFinite) ?? true).toBe(true);
});

test.each([
  ['directions of the bank', (bank: Features, queries: Features) => screeningDirections(bank, queries, k)],
  ['unrelated directions', () => ({ rows: axes(16, 100), count: 16, dim: 100 })],
])('%s change no neighbour', (_, directionsOf) => {
  const [bank, queries] = [rows(3001, 100, 1, decaying), rows(333, 100, 2, decaying)];
  const directions = directionsOf(bank, queries);
  expect(directions).toBeDefined();
  const [plain, screened] = [
    fixedPointSearch(bank, queries, search),
    fixedPointSearch(bank, queries, { ...search, directions }),
  ];
  for (let query = 0; query < queries.count; query++) {
    const [expected, found] = [nearest(plain.of(query)), nearest(screened.of(query))];
    expect(found).toEqual(expected);
    expect(found.at(-1)?.similarity).toBeGreaterThan(screened.bound(query));
  }
});

function nearest({ similarities, rows: which }: { readonly similarities: Float32Array; readonly rows: Int32Array }) {
  return Array.from(similarities, (similarity, place) => ({ similarity, row: which[place] ?? -1 }))
    .toSorted((left, right) => right.similarity - left.similarity || left.row - right.row)
    .slice(0, k);
}

function axes(count: number, dim: number): Float64Array {
  return Float64Array.from({ length: count * dim }, (_, at) => (at % dim === Math.floor(at / dim) ? 1 : 0));
}
