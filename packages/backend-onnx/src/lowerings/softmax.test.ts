import { tf } from '@unlabel/core';
import { describeKernels, type KernelCase, kernelCase, normal, shapes } from './describeKernelsFixture';
import { softmaxKernels } from './softmax';

const cases: readonly KernelCase[] = [
  kernelCase('softmax and its logarithm', shapes(1, 4), (shape) => ({
    inputs: [normal(shape)],
    compute: (logits) => [tf.softmax(logits), tf.logSoftmax(logits)],
  })),
  kernelCase('logits too large for exp', shapes(1, 2), (shape) => ({
    inputs: [normal(shape)],
    compute: (logits) => [tf.softmax(tf.mul(logits, 1e3)), tf.logSoftmax(tf.mul(logits, 1e3))],
  })),
];

describeKernels(softmaxKernels, cases);
