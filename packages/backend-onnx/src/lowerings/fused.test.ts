import { tf } from '@unlabel/core';
import fc from 'fast-check';
import { describeKernels, type KernelCase, kernelCase, normal } from './describeKernelsFixture';
import { fusedKernels } from './fused';
import { images, windowCases } from './windowCasesFixture';

const activations = fc.constantFrom(...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const));

/** tfjs fuses under a gradient what is linear; other activations only without one. */
const cases: readonly KernelCase[] = [
  kernelCase('fused.matMul', fc.tuple(activations, fc.boolean(), fc.boolean()), ([activation, transposeA, biased]) => ({
    inputs: [normal(transposeA ? [4, 3] : [3, 4]), normal([4, 2]), normal([2]), normal([2])],
    compute: (a, b, bias, slopes) =>
      tf.fused.matMul({
        a,
        b,
        transposeA,
        ...(biased && { bias }),
        activation,
        leakyreluAlpha: 0.3,
        ...(activation === 'prelu' && { preluActivationWeights: slopes }),
      }),
  })),
  kernelCase('fused.conv2d', fc.tuple(activations, windowCases), ([activation, windows]) => {
    const { batch, size, channels, kernel, strides } = windows;
    return {
      inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, 2]), normal([2]), normal([2])],
      compute: (x, filter, bias, slopes) =>
        tf.fused.conv2d({
          x: images(x),
          filter: images(filter),
          strides,
          pad: 'same',
          bias,
          activation,
          leakyreluAlpha: 0.3,
          ...(activation === 'prelu' && { preluActivationWeights: slopes }),
        }),
    };
  }),
  kernelCase('fused.depthwiseConv2d', fc.tuple(activations, windowCases), ([activation, windows]) => {
    const { batch, size, channels, kernel, strides } = windows;
    return {
      inputs: [normal([batch, ...size, channels]), normal([...kernel, channels, 1]), normal([channels])],
      compute: (x, filter, bias) =>
        tf.fused.depthwiseConv2d({
          x: images(x),
          filter: images(filter),
          strides,
          pad: 'same',
          bias,
          activation: activation === 'prelu' ? 'linear' : activation,
          leakyreluAlpha: 0.3,
        }),
    };
  }),
];

describeKernels(fusedKernels, cases);
