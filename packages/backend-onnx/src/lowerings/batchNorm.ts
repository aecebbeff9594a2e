import { floatConstant } from '../graph/builder';
import { applyElementwise } from './elementwise';
import type { Kernels } from './kernel';

/** Batch-norm with given statistics: (x − μ)/√(σ² + ε), times a scale and moved by an offset where there are any. */
export const batchNormKernels: Kernels = {
  FusedBatchNorm: {
    infer: (call) => [call.input('x')],
    lower: (call) => {
      const optional = ['scale', 'offset'].filter(call.has);
      const tensors = [...['x', 'mean', 'variance'], ...optional].map(call.input);
      const epsilon = floatConstant(call.number('varianceEpsilon'));
      return [
        applyElementwise(call, tensors, (apply, values) => {
          const [x = epsilon, mean = epsilon, variance = epsilon, ...others] = values;
          const deviation = apply('Reciprocal', [apply('Sqrt', [apply('Add', [variance, epsilon])])]);
          const normal = apply('Mul', [apply('Sub', [x, mean]), deviation]);
          return others.reduce(
            (result, other, index) => apply(optional[index] === 'scale' ? 'Mul' : 'Add', [result, other]),
            normal,
          );
        }),
      ];
    },
  },
};
