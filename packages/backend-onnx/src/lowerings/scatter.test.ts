import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal, shapes, whole } from './describeKernelsFixture';
import { scatterKernels } from './scatter';

const lengths = fc.integer({ min: 1, max: 6 });

const cases: readonly KernelCase[] = [
  kernelCase('unsortedSegmentSum, nothing for segments that do not exist', shapes(1, 3), (shape) => ({
    inputs: [normal(shape), whole(5, [shape[0] ?? 1], -1)],
    compute: (x, ids) => tf.unsortedSegmentSum(x, tf.reshape<tf.Rank.R1>(tf.cast(ids, 'int32'), [-1]), 4),
    gradient: false, // tfjs's gradient reads segments beyond the last
  })),
  kernelCase('unsortedSegmentSum and its gradient', shapes(1, 3), (shape) => ({
    inputs: [normal(shape), whole(3, [shape[0] ?? 1], -1)],
    compute: (x, ids) => tf.unsortedSegmentSum(x, tf.reshape<tf.Rank.R1>(tf.cast(ids, 'int32'), [-1]), 3),
  })),
  kernelCase(
    'scatterND adds up what meets',
    fc.tuple(shapes(2, 3), lengths, fc.integer({ min: 1, max: 2 })),
    (drawn) => {
      const [shape, count, depth] = drawn;
      return {
        inputs: [normal([count, ...shape.slice(depth)]), whole(Math.min(...shape.slice(0, depth)), [count, depth])],
        compute: (updates, indices) => tf.scatterND(indices, updates, shape),
        gradient: false,
      };
    },
  ),
  kernelCase('tensorScatterUpdate and sparseToDense', fc.tuple(shapes(1, 2), lengths), ([row, count]) => ({
    inputs: [normal([count, ...row]), normal([count, ...row]), normal([count]), normal([])],
    compute: (x, updates, values, fallback) => {
      const order = tf.reverse(tf.range(0, count, 1, 'int32'));
      const column = tf.reshape(order, [count, 1]);
      return [
        tf.tensorScatterUpdate(x, column, updates),
        tf.sparseToDense(order, values, [count + 1], tf.reshape<tf.Rank.R0>(fallback, [])),
        tf.sparseToDense(tf.concat([column, column], 1), values, [count, count]),
      ];
    },
    gradient: false,
  })),
  kernelCase(
    'bincount, with weights and without',
    fc.tuple(lengths, lengths, fc.boolean()),
    ([rows, length, binary]) => ({
      inputs: [whole(6, [rows, length]), normal([rows, length])],
      compute: (numbers, weights) => {
        const [matrix, flat] = [tf.reshape<tf.Rank.R2>(numbers, [rows, length]), tf.reshape<tf.Rank.R1>(numbers, [-1])];
        const weighted = tf.reshape<tf.Rank.R2>(weights, [rows, length]);
        return [
          tf.bincount(flat, tf.reshape<tf.Rank.R1>(weights, [-1]), 4),
          tf.bincount(flat, tf.tensor1d([]), 4),
          tf.denseBincount(matrix, weighted, 4, binary),
          tf.denseBincount(flat, tf.tensor1d([]), 4),
        ];
      },
      gradient: false,
    }),
  ),
  kernelCase('diag', shapes(1, 2), (shape) => ({
    inputs: [normal(shape)],
    compute: (x) => tf.diag(x),
    gradient: false,
  })),
];

describeKernels(scatterKernels, cases);
