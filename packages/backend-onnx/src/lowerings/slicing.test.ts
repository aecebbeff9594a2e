import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal, shapeAndAxis, shapes } from './describeKernelsFixture';
import { slicingKernels } from './slicing';

const parts = shapes(1, 4, 5).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    begin: fc.tuple(...shape.map((extent) => fc.integer({ min: 0, max: extent - 1 }))),
    shares: fc.tuple(...shape.map(() => fc.double({ min: 0, max: 1, noNaN: true }))),
  }),
);

const cases: readonly KernelCase[] = [
  kernelCase('slice', parts, ({ shape, begin, shares }) => ({
    inputs: [normal(shape)],
    compute: (x) =>
      tf.slice(
        x,
        begin,
        shape.map((extent, axis) => Math.max(1, Math.round((shares[axis] ?? 0) * (extent - (begin[axis] ?? 0))))),
      ),
  })),
  kernelCase('slice to the end, of what is broadcast', parts, ({ shape, begin }) => ({
    inputs: [normal([shape.at(-1) ?? 1])],
    compute: (x) => tf.slice(tf.mul(x, tf.ones(shape)), begin),
  })),
  kernelCase(
    'stridedSlice, forwards and backwards',
    fc.tuple(parts, fc.constantFrom(1, 2, -1, -2)),
    ([{ shape, begin }, stride]) => ({
      inputs: [normal(shape)],
      compute: (x) =>
        tf.stridedSlice(
          x,
          begin,
          shape.map((extent) => (stride > 0 ? extent : 0)),
          shape.map(() => stride),
          0,
          stride > 0 ? 0 : 2 ** shape.length - 1,
        ),
      gradient: false,
    }),
  ),
  kernelCase('stridedSlice with new and lost axes', shapes(2, 2), (shape) => ({
    inputs: [normal(shape)],
    compute: (x) => tf.stridedSlice(x, [0, 0, 0], [1, 1, 1], [1, 1, 1], 0, 4, 0, 1, 2),
    gradient: false,
  })),
  kernelCase('split into equal parts', shapeAndAxis(1, 4), ({ shape, axis }) => ({
    inputs: [normal(shape.with(axis, 4))],
    compute: (x) => tf.split(tf.square(x), 2, axis).toReversed(),
  })),
  kernelCase('split into given sizes', shapeAndAxis(1, 4), ({ shape, axis }) => ({
    inputs: [normal(shape.with(axis, 5))],
    compute: (x) => tf.concat(tf.split(x, [1, -1, 2], axis).toReversed(), axis),
  })),
  kernelCase('unstack', shapeAndAxis(1, 4), ({ shape, axis }) => ({
    inputs: [normal(shape.with(axis, 3))],
    compute: (x) => tf.unstack(tf.square(x), axis),
  })),
  kernelCase('reverse', shapeAndAxis(1, 4), ({ shape, axis }) => ({
    inputs: [normal(shape)],
    compute: (x) => [tf.reverse(x, axis), tf.reverse(tf.square(x))],
  })),
  kernelCase('flipLeftRight', shapes(4, 4), (shape) => ({
    inputs: [normal(shape)],
    compute: (x) =>
      tf.image.flipLeftRight(tf.reshape<tf.Rank.R4>(x, [shape[0] ?? 1, shape[1] ?? 1, shape[2] ?? 1, shape[3] ?? 1])),
    gradient: false,
  })),
];

describeKernels(slicingKernels, cases);
