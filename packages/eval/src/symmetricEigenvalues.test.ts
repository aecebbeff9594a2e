import fc from 'fast-check';
import { expect, test } from 'vitest';
import { symmetricEigenvalues } from './symmetricEigenvalues';

test('the second difference on n points has eigenvalues 2 − 2 cos(kπ/(n + 1))', () => {
  const size = 40;
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    matrix[row * size + row] = 2;
    if (row > 0) matrix[row * size + row - 1] = -1;
  }
  const expected = Array.from({ length: size }, (_, k) => 2 - 2 * Math.cos(((size - k) * Math.PI) / (size + 1)));
  const found = symmetricEigenvalues(matrix, size);
  for (const [at, value] of expected.entries()) expect(found[at]).toBeCloseTo(value, 12);
});

test('what a rotation hides comes back, zeros and equal values too', () => {
  const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 7 });
  const direction = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(values, direction, (eigenvalues, vector) => {
      const size = eigenvalues.length;
      const found = symmetricEigenvalues(reflected(eigenvalues, vector.slice(0, size)), size);
      const sorted = [...eigenvalues].sort((left, right) => right - left);
      for (const [at, value] of sorted.entries()) expect(found[at]).toBeCloseTo(value, 10);
    }),
  );
});

/** H diag(λ) H with the Householder reflection H of a vector. */
function reflected(eigenvalues: readonly number[], vector: readonly number[]): Float64Array {
  const size = eigenvalues.length;
  const squares = vector.reduce((sum, value) => sum + value * value, 0) || 1;
  const entry = (row: number, column: number) =>
    (row === column ? 1 : 0) - (2 * (vector[row] ?? 0) * (vector[column] ?? 0)) / squares;
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    return eigenvalues.reduce((sum, value, k) => sum + value * entry(row, k) * entry(column, k), 0);
  });
}
