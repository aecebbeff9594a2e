import { denseValue, plainly } from '../graph/lowered';
import type { Kernel, Kernels } from './kernel';

/** Softmax over the last axis, which is the only one that tfjs passes on. */
function alongLastAxis(op: 'Softmax' | 'LogSoftmax'): Kernel {
  return {
    infer: (call) => [call.input('logits')],
    lower: (call) => [
      plainly(
        call.builder.op(op, [denseValue(call.builder, call.input('logits'))], call.output, { axis: -1 }),
        call.output,
      ),
    ],
  };
}

/** Softmax and its logarithm. */
export const softmaxKernels: Kernels = {
  Softmax: alongLastAxis('Softmax'),
  LogSoftmax: alongLastAxis('LogSoftmax'),
};
