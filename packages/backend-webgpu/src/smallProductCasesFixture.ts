import { type HostTensor, hostTensor, randomStream, sizeOf, tf } from '@unlabel/core';
import type { OpCase } from '@unlabel/testkit';

/** Products on both sides of where our kernel takes over from tfjs's, in every transposition and batch. */
export function smallProductCases(): readonly OpCase[] {
  const flat = [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => product({ m: 7, n: 5, terms: 6 }, { transposeA, transposeB })),
  );
  return [
    ...flat,
    product({ m: 1, n: 1, terms: 1 }),
    product({ m: 16, n: 8, terms: 64 }), // the largest of ours
    product({ m: 43, n: 3, terms: 64 }),
    product({ m: 16, n: 8, terms: 65 }),
    product({ m: 2, n: 3, terms: 8 }, { batchA: [3, 4], batchB: [3, 4], transposeA: true }),
    product({ m: 2, n: 3, terms: 8 }, { batchA: [1], batchB: [5], transposeB: true }),
    product({ m: 2, n: 3, terms: 8 }, { batchA: [5] }),
  ];
}

interface Form {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly batchA?: readonly number[];
  readonly batchB?: readonly number[];
}

function product(size: { m: number; n: number; terms: number }, form: Form = {}): OpCase {
  const { m, n, terms } = size;
  const { transposeA = false, transposeB = false, batchA = [], batchB = [] } = form;
  const [a, b] = [
    [...batchA, ...(transposeA ? [terms, m] : [m, terms])],
    [...batchB, ...(transposeB ? [n, terms] : [terms, n])],
  ];
  return {
    name: `product of [${a}]${transposeA ? 'ᵀ' : ''} and [${b}]${transposeB ? 'ᵀ' : ''}`,
    inputs: { a: normal('a', a), b: normal('b', b) },
    compute: ({ a: left = tf.scalar(0), b: right = tf.scalar(0) }) => tf.matMul(left, right, transposeA, transposeB),
    differentiable: batchA.join() === batchB.join(), // tfjs's gradients of broadcast batches have wrong shapes
    tolerance: 1e-6,
  };
}

function normal(name: string, shape: readonly number[]): HostTensor {
  const stream = randomStream([name, 'products']);
  return hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);
}
