import type { TensorSpec } from '@unlabel/core';
import { type GraphBuilder, integers, scalarConstant } from '../graph/builder';
import type { Value } from '../graph/graph';
import { denseValue, plainly } from '../graph/lowered';
import { axisAttribute } from './axes';
import { castTo } from './elementwise';
import type { Kernel, KernelCall, Kernels } from './kernel';

const cumulativeSum: Kernel = {
  infer: (call) => [call.input('x')],
  lower: (call) => {
    const { builder, output } = call;
    const tensor = call.input('x');
    const axis = scalarConstant('int64', axisAttribute(call, 'axis', tensor.shape.length));
    const flags = { exclusive: Number(call.flag('exclusive')), reverse: Number(call.flag('reverse')) };
    return [plainly(builder.op('CumSum', [denseValue(builder, tensor), axis], output, flags), output)];
  },
};

/** No operator multiplies cumulatively: products of 2, 4, 8, … neighbours do, each from two of half the length. */
const cumulativeProduct: Kernel = {
  infer: (call) => [productSpec(call)],
  lower: (call) => {
    const { builder, output } = call;
    const tensor = call.input('x');
    const axis = axisAttribute(call, 'axis', tensor.shape.length);
    const along = (by: number) => (call.flag('reverse') ? -by : by);
    let product = denseValue(builder, castTo(call, tensor, output.dtype));
    if (call.flag('exclusive')) product = shifted(builder, product, axis, along(1));
    for (let reach = 1; reach < (output.shape[axis] ?? 1); reach *= 2) {
      product = builder.op('Mul', [product, shifted(builder, product, axis, along(reach))], product);
    }
    return [plainly(product, output)];
  },
};

/** tfjs multiplies booleans as integers. */
function productSpec(call: KernelCall): TensorSpec {
  const { shape, dtype } = call.input('x');
  return { shape, dtype: dtype === 'bool' ? 'int32' : dtype };
}

/** Elements moved along an axis (towards its start where `by` is negative), with ones moving in. */
function shifted(builder: GraphBuilder, value: Value, axis: number, by: number): Value {
  const before = value.shape.map((_, other) => (other === axis ? by : 0));
  const around = integers([...before, ...before.map((room) => -room)]);
  return builder.op('Pad', [value, around, scalarConstant(value.dtype, 1)], value, { mode: 'constant' });
}

/** Running sums and products. */
export const cumulativeKernels: Kernels = { Cumsum: cumulativeSum, Cumprod: cumulativeProduct };
