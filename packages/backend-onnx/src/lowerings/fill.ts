import { sizeOf } from '@unlabel/core';
import { filled, scalarConstant } from '../graph/builder';
import { value } from '../graph/graph';
import { plainly } from '../graph/lowered';
import { dtypeAttribute, type Kernel, type KernelCall, type Kernels } from './kernel';

/** Tensors with the same value everywhere are held as one number. */
const splat = (number: (call: KernelCall) => number): Kernel => ({
  infer: (call) => [call.inputs[0] ?? { dtype: dtypeAttribute(call, 'dtype'), shape: call.numbers('shape') }],
  lower: (call) => [plainly(scalarConstant(call.output.dtype, number(call)), call.output)],
});

/** 1-D numbers at equal distances, worked out here. */
const sequence = (numbers: (call: KernelCall) => readonly number[]): Kernel => ({
  infer: (call) => [
    { dtype: call.attribute('dtype') === 'int32' ? 'int32' : 'float32', shape: [numbers(call).length] },
  ],
  lower: (call) => {
    const { dtype, shape } = call.output;
    const data = filled(dtype, sizeOf(shape), 0);
    numbers(call).forEach((number, index) => {
      if (!(data instanceof BigInt64Array)) data[index] = number;
    });
    return [plainly(value(dtype, shape, data), call.output)];
  },
});

function range(call: KernelCall): readonly number[] {
  const [start, stop, step] = [call.number('start'), call.number('stop'), call.number('step')];
  return Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, index) => start + index * step);
}

function linSpace(call: KernelCall): readonly number[] {
  const [start, stop, count] = [call.number('start'), call.number('stop'), call.number('num')];
  return Array.from({ length: count }, (_, index) => start + (index * (stop - start)) / Math.max(1, count - 1));
}

/** Tensors that come from numbers alone. */
export const fillKernels: Kernels = {
  Fill: splat((call) => call.number('value')),
  ZerosLike: splat(() => 0),
  OnesLike: splat(() => 1),
  Range: sequence(range),
  LinSpace: sequence(linSpace),
};
