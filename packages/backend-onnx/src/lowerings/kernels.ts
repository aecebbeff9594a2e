import { batchNormKernels } from './batchNorm';
import { blockKernels } from './blocks';
import { convolutionKernels } from './convolution';
import { cumulativeKernels } from './cumulative';
import { depthwiseKernels } from './depthwise';
import { einsumKernels } from './einsum';
import { elementwiseKernels } from './elementwise';
import { fillKernels } from './fill';
import { fusedKernels } from './fused';
import { gatherKernels } from './gather';
import { joiningKernels } from './joining';
import type { Kernel, Kernels } from './kernel';
import { matmulKernels } from './matmul';
import { orderingKernels } from './ordering';
import { poolingKernels } from './pooling';
import { reductionKernels } from './reduction';
import { resizeKernels } from './resize';
import { scatterKernels } from './scatter';
import { shapeKernels } from './shape';
import { slicingKernels } from './slicing';
import { softmaxKernels } from './softmax';
import { volumeKernels } from './volumes';

/** Families of tfjs kernels by the file that lowers them. */
export const families: Readonly<Record<string, Kernels>> = {
  batchNorm: batchNormKernels,
  blocks: blockKernels,
  convolution: convolutionKernels,
  cumulative: cumulativeKernels,
  depthwise: depthwiseKernels,
  einsum: einsumKernels,
  elementwise: elementwiseKernels,
  fill: fillKernels,
  fused: fusedKernels,
  gather: gatherKernels,
  joining: joiningKernels,
  matmul: matmulKernels,
  ordering: orderingKernels,
  pooling: poolingKernels,
  reduction: reductionKernels,
  resize: resizeKernels,
  scatter: scatterKernels,
  shape: shapeKernels,
  slicing: slicingKernels,
  softmax: softmaxKernels,
  volumes: volumeKernels,
};

/** Every tfjs kernel that steps can be captured with. */
export const kernels: ReadonlyMap<string, Kernel> = new Map(Object.values(families).flatMap(Object.entries<Kernel>));
