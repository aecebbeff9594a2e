import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { depthwiseKernels } from './depthwise';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';
import { images, windowCases } from './windowCasesFixture';

const cases: readonly KernelCase[] = [
  kernelCase('depthwiseConv2d', fc.tuple(windowCases, fc.integer({ min: 1, max: 2 })), ([windows, multiplier]) => {
    const { batch, size, channels, kernel, strides, pad, rounding } = windows;
    return {
      inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, multiplier])],
      compute: (x, filter) => tf.depthwiseConv2d(images(x), images(filter), strides, pad, 'NHWC', 1, rounding),
    };
  }),
  kernelCase('depthwiseConv2d with dilation', windowCases, ({ batch, size, channels, kernel }) => ({
    inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, 1])],
    compute: (x, filter) => tf.depthwiseConv2d(images(x), images(filter), 1, 'same', 'NHWC', 2),
    gradient: false, // tfjs has none
  })),
  kernelCase('separableConv2d between other layers', windowCases, ({ batch, size, channels, kernel, strides }) => ({
    inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, 2]), normal([1, 1, 2 * channels, 3])],
    compute: (x, depthwise, pointwise) =>
      tf.sin(tf.separableConv2d(tf.relu(images(x)), images(depthwise), images(pointwise), strides, 'same')),
  })),
];

describeKernels(depthwiseKernels, cases);
