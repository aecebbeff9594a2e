import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { batchNormKernels } from './batchNorm';
import { describeKernels, type KernelCase, kernelCase, normal, positive, shapes } from './describeKernelsFixture';

const cases: readonly KernelCase[] = [
  kernelCase('batchNorm with statistics of channels', fc.tuple(shapes(2, 4), fc.boolean(), fc.boolean()), (drawn) => {
    const [shape, offsets, scales] = drawn;
    const channels = [shape.at(-1) ?? 1];
    return {
      inputs: [normal(shape), normal(channels), positive(channels), normal(channels), normal(channels)],
      gradient: offsets && scales, // tfjs has none without
      compute: (x, mean, variance, offset, scale) =>
        tf.batchNorm(
          x,
          vector(mean),
          vector(variance),
          offsets ? vector(offset) : undefined,
          scales ? vector(scale) : undefined,
        ),
    };
  }),
  kernelCase('batchNorm between convolutions', shapes(3, 3), ([batch = 1, height = 1, width = 1]) => ({
    inputs: [normal([batch, height, width, 2]), normal([1, 1, 2, 3]), normal([3]), positive([3]), normal([3])],
    compute: (x, filter, mean, variance, scale) => {
      const maps = tf.conv2d(
        tf.reshape<tf.Rank.R4>(x, [batch, height, width, 2]),
        tf.reshape<tf.Rank.R4>(filter, [1, 1, 2, 3]),
        1,
        'same',
      );
      return tf.sin(tf.batchNorm(maps, vector(mean), vector(variance), vector(mean), vector(scale)));
    },
  })),
];

function vector(tensor: tf.Tensor): tf.Tensor1D {
  return tf.reshape<tf.Rank.R1>(tensor, [-1]);
}

describeKernels(batchNormKernels, cases);
