import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { convolutionKernels } from './convolution';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';
import { images, windowCases } from './windowCasesFixture';

const sequences = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 6, max: 12 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom('same' as const, 'valid' as const),
});

/** The ops that tfjs makes of convolution kernels. */
const cases: readonly KernelCase[] = [
  kernelCase('conv1d', sequences, ({ batch, length, kernel, stride, pad }) => ({
    inputs: [normal([batch, length, 2]), normal([kernel, 2, 3])],
    compute: (x, filter) => tf.conv1d(sequence(x), sequence(filter), stride, pad),
  })),
  kernelCase('conv1d with dilation', sequences, ({ batch, length, kernel }) => ({
    inputs: [normal([batch, length, 2]), normal([kernel, 2, 3])],
    compute: (x, filter) => tf.conv1d(sequence(x), sequence(filter), 1, 'same', 'NWC', 2),
    gradient: false, // tfjs has none
  })),
  kernelCase('conv1d above conv1d', sequences, ({ batch, length, kernel, stride }) => ({
    inputs: [normal([batch, length, 2]), normal([kernel, 2, 3]), normal([2, 3, 2])],
    compute: (x, first, second) =>
      tf.conv1d(tf.relu(tf.conv1d(sequence(x), sequence(first), stride, 'same')), sequence(second), 1, 'same'),
  })),
  kernelCase('conv2dTranspose', windowCases, ({ batch, size, channels, kernel, strides }) => ({
    inputs: [normal([batch, ...size, 2]), normal([...kernel, channels, 2])],
    compute: (x, filter) => {
      const [height = 1, width = 1] = size.map((extent, axis) => extent * (strides[axis] ?? 1));
      return tf.conv2dTranspose(images(x), images(filter), [batch, height, width, channels], strides, 'same');
    },
  })),
  kernelCase(
    'conv2d with zeros of its own on each side',
    windowCases,
    ({ batch, size, channels, kernel, strides }) => ({
      inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, 2])],
      compute: (x, filter) =>
        tf.conv2d(
          images(x),
          images(filter),
          strides,
          [
            [0, 0],
            [1, 0],
            [0, 2],
            [0, 0],
          ],
          'NHWC',
          1,
          'floor',
        ),
    }),
  ),
];

function sequence(tensor: tf.Tensor): tf.Tensor3D {
  const [a = 1, b = 1, c = 1] = tensor.shape;
  return tf.reshape(tensor, [a, b, c]);
}

describeKernels(convolutionKernels, cases);
