import { UnlabelError } from '@unlabel/core';
import type { Lowered } from '../graph/lowered';
import { convolutionKernels } from './convolution';
import { depthwiseKernels } from './depthwise';
import { applyElementwise, elementwiseKernels } from './elementwise';
import { type Kernel, type Kernels, kernelCall, type LoweringCall } from './kernel';
import { matmulKernels } from './matmul';

/** The kernels of tfjs's activations, but for `linear`, which is none. */
const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
};

/** A product with a bias and an activation: what `tf.fused` calls. */
function fused(kernels: Kernels, name: string): Kernel {
  const product = kernels[name];
  if (!product) throw new Error(`There is no kernel ${name} to fuse.`);
  return {
    infer: product.infer,
    lower: (call) => product.lower(call).map((result) => activated(call, biased(call, result))),
  };
}

function biased(call: LoweringCall, result: Lowered): Lowered {
  if (!call.has('bias')) return result;
  return applyElementwise(call, [result, call.input('bias')], (apply, values) => apply('Add', values));
}

function activated(call: LoweringCall, result: Lowered): Lowered {
  const activation = call.text('activation');
  if (activation === 'linear') return result;
  const name = activations[activation] ?? activation;
  const kernel = elementwiseKernels[name];
  if (!kernel)
    throw new UnlabelError('CAPTURE_UNSUPPORTED_OP', `${call.kernel} was called with activation '${activation}'.`);
  const slopes = call.has('preluActivationWeights') ? { alpha: call.input('preluActivationWeights') } : {};
  const own = kernelCall(name, { x: result, ...slopes }, { alpha: call.attribute('leakyreluAlpha') });
  return kernel.lower({ ...call, ...own })[0] ?? result;
}

/** Matrix products and convolutions with bias and activation. */
export const fusedKernels: Kernels = {
  _FusedMatMul: fused(matmulKernels, 'BatchMatMul'),
  FusedConv2D: fused(convolutionKernels, 'Conv2D'),
  FusedDepthwiseConv2D: fused(depthwiseKernels, 'DepthwiseConv2dNative'),
};
