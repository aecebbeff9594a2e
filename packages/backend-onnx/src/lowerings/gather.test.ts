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
import { gatherKernels } from './gather';

const cases: readonly KernelCase[] = [
  kernelCase('gather along any axis', fc.tuple(shapeAndAxis(1, 4), shapes(1, 2)), ([{ shape, axis }, picks]) => ({
    inputs: [normal(shape), whole(shape[axis] ?? 1, picks)],
    compute: (x, indices) => tf.gather(x, tf.cast(indices, 'int32'), axis),
  })),
  kernelCase('gather of each sample its own', fc.tuple(shapes(2, 3), shapes(1, 1)), ([shape, picks]) => ({
    inputs: [normal(shape), whole(shape[1] ?? 1, [shape[0] ?? 1, ...picks])],
    compute: (x, indices) => tf.gather(x, tf.cast(indices, 'int32'), 1, 1),
  })),
  kernelCase('gather behind several batch axes', fc.tuple(shapes(4, 4), shapes(1, 2)), ([shape, picks]) => ({
    inputs: [normal(shape), whole(shape[3] ?? 1, [shape[0] ?? 1, ...picks]), whole(shape[2] ?? 1, shape.slice(0, 2))],
    compute: (x, last, third) => [
      tf.gather(x, tf.cast(last, 'int32'), 3, 1),
      tf.gather(x, tf.cast(third, 'int32'), 2, 2),
    ],
  })),
  kernelCase(
    'gatherND',
    fc.tuple(shapes(2, 3), fc.integer({ min: 1, max: 2 }), shapes(0, 2)),
    ([shape, depth, picks]) => ({
      inputs: [normal(shape), whole(Math.min(...shape.slice(0, depth)), [...picks, depth])],
      compute: (x, indices) => tf.gatherND(x, indices),
      gradient: false,
    }),
  ),
  kernelCase('oneHot, nothing for indices outside', fc.tuple(shapes(1, 3), fc.boolean()), ([shape, plain]) => ({
    inputs: [whole(6, shape, -1), normal([...shape, 4])],
    compute: (indices, x) => tf.mul(x, plain ? tf.oneHot(indices, 4) : tf.oneHot(indices, 4, 2, -1, 'float32')),
  })),
];

describeKernels(gatherKernels, cases);
