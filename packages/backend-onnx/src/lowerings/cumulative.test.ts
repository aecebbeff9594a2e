import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { cumulativeKernels } from './cumulative';
import { describeKernels, type KernelCase, kernelCase, normal, shapeAndAxis, whole } from './describeKernelsFixture';

const ways = { exclusive: fc.boolean(), reverse: fc.boolean() };

const cases: readonly KernelCase[] = [
  kernelCase('cumsum', fc.tuple(shapeAndAxis(1, 4), fc.record(ways)), ([{ shape, axis }, { exclusive, reverse }]) => ({
    inputs: [normal(shape)],
    compute: (x) => tf.cumsum(x, axis, exclusive, reverse),
  })),
  kernelCase('cumprod', fc.tuple(shapeAndAxis(1, 4), fc.record(ways)), ([{ shape, axis }, { exclusive, reverse }]) => ({
    inputs: [normal(shape), whole(4, shape, -3)],
    compute: (x, numbers) => [
      tf.cumprod(x, axis, exclusive, reverse),
      tf.cumprod(numbers, axis, exclusive, reverse),
      tf.cumsum(numbers, axis, exclusive, reverse),
    ],
    gradient: false, // tfjs has none
  })),
];

describeKernels(cumulativeKernels, cases);
