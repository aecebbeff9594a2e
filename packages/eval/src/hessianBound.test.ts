import { expect, test } from 'vitest';
import { inverseFactor } from './hessianBound';
import { matrixMemory } from './matrixMemory';

/** F Fᵀ of the factor for given XᵀX, from 10 rows. */
function inverse(moments: readonly number[], l2: number): number[] {
  const dim = Math.sqrt(moments.length);
  const factor = inverseFactor(matrixMemory().matrix(dim, dim, Float32Array.from(moments)), 10, l2);
  const entry = (row: number, column: number) => factor[row * dim + column] ?? 0;
  const axis = Array.from({ length: dim }, (_, at) => at);
  return axis.flatMap((row) =>
    axis.map((column) => axis.reduce((sum, at) => sum + entry(row, at) * entry(column, at), 0)),
  );
}

test('inverts half the second moments plus the penalty', () => {
  const [a = 0, b = 0, c = 0, d = 0] = inverse([20, 10, 10, 40], 1); // ½ XᵀX/10 + I = [[2, ½], [½, 3]], determinant 5.75
  expect(a).toBeCloseTo(3 / 5.75, 6);
  expect(b).toBeCloseTo(-0.5 / 5.75, 6);
  expect(c).toBeCloseTo(b, 12);
  expect(d).toBeCloseTo(2 / 5.75, 6);
});

test('stays finite without penalty where a dimension, or every one, is constant', () => {
  expect(inverse([20, 0, 0, 0], 0).every(Number.isFinite)).toBe(true);
  expect(inverse([0, 0, 0, 0], 0)).toEqual([1, 0, 0, 1]);
  expect(inverse([20, 20, 20, 20], 0).every(Number.isFinite)).toBe(true);
});
