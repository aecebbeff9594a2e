import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';
import { matmulKernels } from './matmul';

const extent = fc.integer({ min: 1, max: 5 });
const products = fc.record({
  batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
  rows: extent,
  inner: extent,
  columns: extent,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

const cases: readonly KernelCase[] = [
  kernelCase('matMul of batches, each side transposed or not', products, (drawn) => {
    const { batch, rows, inner, columns, transposeA, transposeB } = drawn;
    const a = transposeA ? [inner, rows] : [rows, inner];
    const b = transposeB ? [columns, inner] : [inner, columns];
    return {
      inputs: [normal([...batch, ...a]), normal([...batch, ...b])],
      compute: (left, right) => tf.matMul(left, right, transposeA, transposeB),
    };
  }),
  kernelCase('matMul of a batch with one matrix', products, ({ batch, rows, inner, columns }) => ({
    inputs: [normal([...batch, rows, inner]), normal([inner, columns])],
    compute: (left, right) => tf.matMul(left, right),
  })),
  kernelCase('dot and outer products', products, ({ inner, columns }) => ({
    inputs: [normal([inner]), normal([inner]), normal([columns])],
    compute: (a, b, c) => [tf.dot(a, b), tf.outerProduct(tf.reshape(a, [inner]), tf.reshape(c, [columns]))],
  })),
];

describeKernels(matmulKernels, cases);
