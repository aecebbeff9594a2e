import { convolutionKernels } from './convolution';
import { elementwiseKernels } from './elementwise';
import { fillKernels } from './fill';
import { gatherKernels } from './gather';
import { joiningKernels } from './joining';
import type { Kernel } from './kernel';
import { matmulKernels } from './matmul';
import { poolingKernels } from './pooling';
import { reductionKernels } from './reduction';
import { shapeKernels } from './shape';
import { slicingKernels } from './slicing';
import { softmaxKernels } from './softmax';

/** Every tfjs kernel that steps can be captured with. */
export const kernels: ReadonlyMap<string, Kernel> = new Map(
  Object.entries({
    ...convolutionKernels,
    ...elementwiseKernels,
    ...fillKernels,
    ...gatherKernels,
    ...joiningKernels,
    ...matmulKernels,
    ...poolingKernels,
    ...reductionKernels,
    ...shapeKernels,
    ...slicingKernels,
    ...softmaxKernels,
  }),
);
