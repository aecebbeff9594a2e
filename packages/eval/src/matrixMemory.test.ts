import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import { type Matrix, matrixMemory, writeRows } from './matrixMemory';
import { dotProductsWasm } from './wasm/dotProductsWasm';

test('multiplies by the transpose of the second, for every remainder of four', () => {
  const extent = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(extent, extent, extent, (leftRows, rightRows, columns) => {
      const memory = matrixMemory();
      const left = memory.matrix(leftRows, columns, ramp(leftRows * columns, 3));
      const right = memory.matrix(rightRows, columns, ramp(rightRows * columns, 5));
      const into = memory.matrix(leftRows, rightRows);
      memory.dotProducts(left, right, into);
      const expected = Array.from({ length: leftRows * rightRows }, (_, at) =>
        dot(left, Math.floor(at / rightRows), right, at % rightRows),
      );
      expect(unpadded(into)).toEqual(expected);
    }),
  );
});

test('keeps matrices while memory grows under them', () => {
  const memory = matrixMemory();
  const first = memory.matrix(1, 3, Float32Array.of(1, 2, 3));
  memory.matrix(300, 300);
  expect(unpadded(first)).toEqual([1, 2, 3]);
  writeRows(first, Float32Array.of(4, 5, 6));
  expect(unpadded(first)).toEqual([4, 5, 6]);
});

test('the kernel is what its source assembles to', async () => {
  const source = await readFile(new URL('wasm/dotProducts.wat', import.meta.url), 'utf8');
  const { buffer } = (await wabt()).parseWat('dotProducts.wat', source, { simd: true }).toBinary({});
  expect(Buffer.from(buffer).toString('base64')).toBe(dotProductsWasm);
});

/** Small whole numbers: their sums are exact in float32, whatever the order. */
function ramp(length: number, step: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => ((index * step) % 11) - 5);
}

function unpadded({ rows, columns, stride, values }: Matrix): number[] {
  return Array.from({ length: rows }, (_, row) => [...values.subarray(row * stride, row * stride + columns)]).flat();
}

function dot(left: Matrix, leftRow: number, right: Matrix, rightRow: number): number {
  const [one, other] = [unpadded(left), unpadded(right)];
  let sum = 0;
  for (let at = 0; at < left.columns; at++) {
    sum += (one[leftRow * left.columns + at] ?? 0) * (other[rightRow * right.columns + at] ?? 0);
  }
  return sum;
}
