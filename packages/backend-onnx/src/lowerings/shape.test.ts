import { sizeOf, tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal, shapes } from './describeKernelsFixture';
import { shapeKernels } from './shape';

const permutations = shapes(1, 5, 3).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    order: fc.shuffledSubarray(
      shape.map((_, axis) => axis),
      { minLength: shape.length },
    ),
  }),
);

const cases: readonly KernelCase[] = [
  kernelCase('reshape, also of what is broadcast', shapes(1, 4), (shape) => ({
    inputs: [normal(shape), normal([shape.at(-1) ?? 1])],
    compute: (x, row) => {
      const broadcast = tf.mul(row, tf.ones(shape));
      return tf.mul(tf.reshape(x, [-1]), tf.reshape(tf.expandDims(broadcast, 0), [sizeOf(shape)]));
    },
  })),
  kernelCase('expandDims and squeeze', fc.tuple(shapes(1, 3), fc.integer({ min: -1, max: 1 })), ([shape, axis]) => ({
    inputs: [normal(shape)],
    compute: (x) => [tf.expandDims(x, axis), tf.squeeze(tf.expandDims(tf.square(x), axis))],
  })),
  kernelCase('transpose', permutations, ({ shape, order }) => ({
    inputs: [normal(shape)],
    compute: (x) => tf.transpose(x, order),
  })),
  kernelCase(
    'tile',
    fc.tuple(shapes(1, 4, 3), fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 })),
    ([shape, times]) => ({
      inputs: [normal(shape)],
      compute: (x) => tf.square(tf.tile(x, times.slice(0, shape.length))),
    }),
  ),
  kernelCase('broadcastTo', shapes(1, 4), (shape) => ({
    inputs: [normal(shape.map((extent, axis) => (axis % 2 === 0 ? extent : 1)))],
    compute: (x) => tf.square(tf.broadcastTo(x, shape)),
  })),
  kernelCase('broadcastTo more axes', shapes(2, 4), (shape) => ({
    inputs: [normal(shape.slice(1))],
    compute: (x) => tf.square(tf.broadcastTo(x, shape)),
    gradient: false,
  })),
];

describeKernels(shapeKernels, cases);
