import { denseValue, plainly } from '../graph/lowered';
import type { Kernels } from './kernel';

/** Softmax over the last axis, which is the only one that tfjs passes on; of its logarithm, tfjs makes other ops. */
export const softmaxKernels: Kernels = {
  Softmax: {
    infer: (call) => [call.input('logits')],
    lower: (call) => {
      const logits = denseValue(call.builder, call.input('logits'));
      return [plainly(call.builder.op('Softmax', [logits], call.output, { axis: -1 }), call.output)];
    },
  },
};
