import { UnlabelError } from '@unlabel/core';
import { dotProductsWasm } from './wasm/dotProductsWasm';

/** A row-major float32 matrix in a {@link MatrixMemory}; rows and columns are zero-padded to multiples of 4. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Elements from one row to the next. */ readonly stride: number;
  /** The elements with their padding, to read and write. Ask again after another matrix was made: memory may have moved. */
  readonly values: Float32Array;
}

/** Matrices and the one product that kNN and regression need, an order of magnitude faster than JavaScript's own loops. */
export interface MatrixMemory {
  /**
   * A new matrix of zeros, or of `values`, `[rows, columns]` without padding.
   * @throws UnlabelError `BATCH_TOO_LARGE` past 4 GB in all
   */
  matrix(rows: number, columns: number, values?: Float32Array): Matrix;
  /** into ← a·bᵀ: `[a.rows, b.rows]` from `[a.rows, columns]` and `[b.rows, columns]`. */
  dotProducts(a: Matrix, b: Matrix, into: Matrix): void;
}

/** Opens an empty memory; it is freed with the last reference to it. */
export function matrixMemory(): MatrixMemory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernel = new WebAssembly.Module(bytesOfWasm(dotProductsWasm));
  const { dotProducts } = new WebAssembly.Instance(kernel, { env: { memory } }).exports;
  if (typeof dotProducts !== 'function') throw new Error('The kernel does not export dotProducts.');
  const offsets = new WeakMap<Matrix, number>();
  let used = 0;
  return {
    matrix: (rows, columns, values) => {
      const [paddedRows, stride] = [padded(rows), padded(columns)];
      const offset = used;
      used += Float32Array.BYTES_PER_ELEMENT * paddedRows * stride;
      growTo(memory, used);
      const matrix: Matrix = {
        rows,
        columns,
        stride,
        get values() {
          return new Float32Array(memory.buffer, offset, paddedRows * stride);
        },
      };
      offsets.set(matrix, offset);
      if (values) writeRows(matrix, values);
      return matrix;
    },
    dotProducts: (a, b, into) => {
      dotProducts(offsets.get(a), offsets.get(b), offsets.get(into), padded(a.rows), padded(b.rows), a.stride);
    },
  };
}

/** The bytes of an assembled kernel. @param base64 as `wasm/assemble.mjs` writes it */
export function bytesOfWasm(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
}

/** Copies the first rows of a matrix from `values`, `[rows, columns]` without padding. */
export function writeRows(matrix: Matrix, values: Float32Array): void {
  const { columns, stride, values: target } = matrix;
  if (stride === columns) {
    target.set(values);
    return;
  }
  for (let row = 0; row * columns < values.length; row++) {
    target.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
  }
}

function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / 65_536);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw new UnlabelError('BATCH_TOO_LARGE', `${Math.ceil(bytes / 2 ** 20)} MB of features do not fit.`, {
      fix: 'Measure on a random subset of the samples.',
      cause,
    });
  }
}

function padded(extent: number): number {
  return Math.ceil(extent / 4) * 4;
}
