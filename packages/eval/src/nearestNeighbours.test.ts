import { readFile } from 'node:fs/promises';
import { randomStream } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import type { Features } from './features';
import { nearestNeighbours } from './nearestNeighbours';
import { protocolsGolden } from './protocolsFixture';
import { nearestSharedWasm, nearestWasm } from './wasm/nearestWasm';

function noise(count: number, dim: number, seed: number): Features {
  const random = randomStream([seed]);
  return { features: Float32Array.from({ length: count * dim }, () => random.normal()), count, dim };
}

/** A few queries at a time: too little work for fixed point and threads. */
function inSmallParts(bank: Features, queries: Features, k: number) {
  const step = 100;
  return Array.from({ length: Math.ceil(queries.count / step) }, (_, part) => {
    const features = queries.features.subarray(part * step * queries.dim, (part + 1) * step * queries.dim);
    return nearestNeighbours(bank, { features, count: features.length / queries.dim, dim: queries.dim }, { k });
  });
}

test('agrees with scikit-learn on every neighbour, in order', async () => {
  const { bank, queries, k, output } = await protocolsGolden();
  expect([...nearestNeighbours(bank, queries, { k }).rows]).toEqual(output('knn_neighbours'));
});

test.each([
  [4001, 997],
  [901, 4203], // larger blocks
])(
  'a search on all processors among %d rows finds bit for bit what float32 alone finds, for %d queries',
  (rows, asked) => {
    const [bank, queries] = [noise(rows, 300, 1), noise(asked, 300, 2)]; // sizes that fill no block
    const found = nearestNeighbours(bank, queries, { k: 25 });
    const parts = inSmallParts(bank, queries, 25);
    expect([...found.rows]).toEqual(parts.flatMap(({ rows }) => [...rows]));
    expect([...found.similarities]).toEqual(parts.flatMap(({ similarities }) => [...similarities]));
  },
);

test('rows too alike for fixed point to part, equal and zero ones are ordered by float32 and then by place', () => {
  const bank = noise(4000, 256, 3);
  const features = bank.features.map((value, at) => {
    const row = Math.floor(at / 256);
    if (row % 50 === 7) return 0;
    return row % 3 === 0 ? 1 + 1e-5 * value : row % 3 === 1 ? 1 : value; // nearly collapsed, collapsed, spread
  });
  const queries = { features: features.slice(0, 1000 * 256), count: 1000, dim: 256 };
  const found = nearestNeighbours({ ...bank, features }, queries, { k: 5 });
  const parts = inSmallParts({ ...bank, features }, queries, 5);
  expect([...found.rows]).toEqual(parts.flatMap(({ rows }) => [...rows]));
  expect([...found.rows.subarray(7 * 5, 8 * 5)]).toEqual([0, 1, 2, 3, 4]); // of a zero row
});

test('the kernels are what their source assembles to', async () => {
  const source = await readFile(new URL('wasm/nearest.wat', import.meta.url), 'utf8');
  const { parseWat } = await wabt();
  const assembled = (memory: string) => {
    const text = source.replace('MEMORY', memory);
    return Buffer.from(parseWat('nearest.wat', text, { simd: true, threads: true }).toBinary({}).buffer);
  };
  expect(assembled('(memory 1)').toString('base64')).toBe(nearestWasm);
  expect(assembled('(memory 1 65536 shared)').toString('base64')).toBe(nearestSharedWasm);
});

test('leaves a row out of its own neighbours, also where others are as near', () => {
  const features = Float32Array.of(1, 0, 0, 1, 1, 1, 1, 1, 1, 1);
  const { rows } = nearestNeighbours(
    { features, count: 5, dim: 2 },
    { features, count: 5, dim: 2 },
    { k: 1, excludeSelf: true },
  );
  expect([...rows]).toEqual([2, 2, 3, 2, 2]);
});

test('refuses more neighbours than there are, other dimensions, and queries that are not the bank', () => {
  const bank = noise(4, 3, 4);
  expect(refusalOf(() => nearestNeighbours(bank, bank, { k: 5 }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => nearestNeighbours(bank, bank, { k: 4, excludeSelf: true }))).toBe('INVALID_OPTION');
  expect(refusalOf(() => nearestNeighbours(bank, noise(4, 2, 5), { k: 1 }))).toBe('SHAPE_MISMATCH');
  expect(refusalOf(() => nearestNeighbours(bank, noise(3, 3, 5), { k: 1, excludeSelf: true }))).toBe('SHAPE_MISMATCH');
});
