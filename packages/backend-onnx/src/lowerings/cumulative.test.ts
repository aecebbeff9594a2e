import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { cumulativeKernels } from './cumulative';
import { describeKernels, type KernelCase, kernelCase, normal, shapeAndAxis, shapes, whole } from './describeKernels';

const ways = { exclusive: fc.boolean(), reverse: fc.boolean() };

const cases: readonly KernelCase[] = [
  kernelCase('cumsum along the last axis', fc.record({ shape: shapes(1, 4), ...ways }), (drawn) => ({
    inputs: [normal(drawn.shape)],
    compute: (x) => tf.cumsum(x, drawn.shape.length - 1, drawn.exclusive, drawn.reverse),
  })),
  kernelCase('cumsum and cumprod along any axis', fc.tuple(shapeAndAxis(1, 4), fc.record(ways)), (drawn) => {
    const [{ shape, axis }, { exclusive, reverse }] = drawn;
    return {
      inputs: [normal(shape), whole(4, shape, -3)],
      compute: (x, numbers) => [
        tf.cumsum(x, axis, exclusive, reverse),
        tf.cumprod(x, axis, exclusive, reverse),
        tf.cumsum(numbers, axis, exclusive, reverse),
        tf.cumprod(numbers, axis, exclusive, reverse),
      ],
      gradient: false, // of products tfjs has none, and that of sums is right along the last axis alone
    };
  }),
];

describeKernels(cumulativeKernels, cases);
