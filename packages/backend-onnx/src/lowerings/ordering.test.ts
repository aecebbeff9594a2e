import { tf } from '@unlabel/core';
import fc from 'fast-check';
import {
  describeKernels,
  type KernelCase,
  kernelCase,
  normal,
  shapeAndAxis,
  shapes,
  whole,
} from './describeKernelsFixture';
import { orderingKernels } from './ordering';

const cases: readonly KernelCase[] = [
  kernelCase('argMax and argMin', shapeAndAxis(1, 4), ({ shape, axis }) => ({
    inputs: [normal(shape), whole(3, shape)],
    compute: (x, ties) => [tf.argMax(x, axis), tf.argMin(x, axis), tf.argMax(ties, axis), tf.argMin(ties, axis)],
    gradient: false,
  })),
  kernelCase('topk', fc.tuple(shapes(1, 3), fc.nat({ max: 3 })), ([shape, k]) => ({
    inputs: [normal(shape), whole(9, shape)],
    compute: (x, numbers) => {
      const count = Math.min(k, shape.at(-1) ?? 1);
      const { values, indices } = tf.topk(x, count);
      return [values, indices, tf.topk(numbers, count).values];
    },
    gradient: false,
  })),
  kernelCase(
    'searchSorted',
    fc.record({ rows: shapes(0, 1), length: fc.integer({ min: 1, max: 6 }), count: fc.integer({ min: 1, max: 4 }) }),
    ({ rows, length, count }) => ({
      inputs: [whole(5, [...rows, length]), whole(6, [...rows, count])],
      compute: (numbers, values) => {
        const ordered = tf.cumsum(numbers, rows.length);
        return [tf.lowerBound(ordered, values), tf.upperBound(ordered, values)];
      },
      gradient: false,
    }),
  ),
];

describeKernels(orderingKernels, cases);
