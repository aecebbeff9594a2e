import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal, shapes, whole } from './describeKernelsFixture';
import { reductionKernels } from './reduction';

/** A shape, some of its axes or none for all, and whether they stay. */
const reductions = shapes(1, 4).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.option(
      fc.subarray(
        shape.map((_, axis) => axis),
        { minLength: 1 },
      ),
      { nil: undefined },
    ),
    keepDims: fc.boolean(),
  }),
);

const smooth = (['sum', 'mean', 'max', 'min'] as const).map(
  (name): KernelCase =>
    kernelCase(name, reductions, ({ shape, axes, keepDims }) => ({
      inputs: [normal(shape)],
      compute: (x) => tf[name](x, axes, keepDims),
    })),
);

const cases: readonly KernelCase[] = [
  ...smooth,
  kernelCase('prod, whose gradient takes cumulative products', reductions, ({ shape, axes }) => ({
    inputs: [normal(shape)],
    compute: (x) => tf.prod(x, axes),
    tolerance: 1e-4,
  })),
  kernelCase('all and any', reductions, ({ shape, axes, keepDims }) => ({
    inputs: [whole(2, shape)],
    compute: (x) => [tf.all(tf.cast(x, 'bool'), axes, keepDims), tf.any(tf.cast(x, 'bool'), axes, keepDims)],
    gradient: false,
  })),
  kernelCase('sums, products and extremes of whole numbers', reductions, ({ shape, axes }) => ({
    inputs: [whole(4, shape, -3)],
    compute: (x) => [tf.sum(x, axes), tf.prod(x, axes), tf.max(x, axes), tf.min(x, axes), tf.mean(x, axes)],
    gradient: false,
  })),
  kernelCase('reductions of what is the same everywhere', reductions, ({ shape, axes }) => ({
    inputs: [normal([])],
    compute: (x) => {
      const same = tf.mul(x, tf.ones(shape));
      return [tf.sum(same, axes), tf.mean(same, axes), tf.prod(same, axes), tf.max(same, axes)];
    },
    gradient: false,
  })),
  kernelCase('moments, norms and logSumExp', reductions, ({ shape, axes, keepDims }) => ({
    inputs: [normal([...shape, 3])],
    compute: (x) => [tf.moments(x, -1).variance, tf.norm(x, 2, -1), tf.logSumExp(x, axes, keepDims)],
  })),
];

describeKernels(reductionKernels, cases);
