import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal, shapes } from './describeKernelsFixture';
import { fillKernels } from './fill';

const cases: readonly KernelCase[] = [
  kernelCase('fill, zerosLike and onesLike', shapes(0, 4), (shape) => ({
    inputs: [normal(shape)],
    compute: (x) => tf.add(tf.mul(x, tf.add(tf.onesLike(x), tf.fill(shape, 0.5))), tf.zerosLike(x)),
  })),
  kernelCase(
    'range and linspace',
    fc.record({
      start: fc.integer({ min: -3, max: 3 }),
      count: fc.integer({ min: 1, max: 5 }),
      step: fc.constantFrom(1, 2, 0.25),
    }),
    ({ start, count, step }) => ({
      inputs: [normal([])],
      compute: (x) => [
        tf.mul(x, tf.range(start, start + count, step)),
        tf.mul(x, tf.linspace(start, start + step, count)),
        tf.mul(x, tf.cast(tf.range(start + count, start, -1, 'int32'), 'float32')),
      ],
    }),
  ),
  kernelCase('eye and constants', shapes(1, 1), ([size = 1]) => ({
    inputs: [normal([size, size])],
    compute: (x) => tf.mul(x, tf.add(tf.eye(size), tf.tensor1d(Array.from({ length: size }, (_, index) => index)))),
  })),
];

describeKernels(fillKernels, cases);
