import { floatConstant, integers, reshape } from '../graph/builder';
import { dataType } from '../graph/graph';
import { denseValue, plainly } from '../graph/lowered';
import { axisAttribute } from './axes';
import type { Kernel, Kernels } from './kernel';

/** Index of the largest or smallest element; the first among equals. */
function extremeIndex(op: 'ArgMax' | 'ArgMin'): Kernel {
  return {
    infer: (call) => {
      const { shape } = call.input('x');
      const axis = axisAttribute(call, 'axis', shape.length);
      return [{ shape: shape.filter((_, other) => other !== axis), dtype: 'int32' }];
    },
    lower: (call) => {
      const { builder, output } = call;
      const tensor = call.input('x');
      const axis = axisAttribute(call, 'axis', tensor.shape.length);
      const produces = { dtype: 'int64', shape: output.shape } as const;
      const index = builder.op(op, [denseValue(builder, tensor)], produces, { axis, keepdims: 0 });
      return [plainly(builder.op('Cast', [index], output, { to: dataType.int32 }), output)];
    },
  };
}

/** `k` largest elements along the last axis, and where they were. */
const largest: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    const kept = [...shape.slice(0, -1), call.number('k')];
    return [
      { shape: kept, dtype },
      { shape: kept, dtype: 'int32' },
    ];
  },
  lower: (call) => {
    const { builder } = call;
    const tensor = call.input('x');
    const [values = call.output, indices = call.output] = call.outputs;
    const [largestValue = floatConstant(0), index = floatConstant(0)] = builder.opWithOutputs(
      'TopK',
      [denseValue(builder, tensor), integers([call.number('k')])],
      [values, { shape: indices.shape, dtype: 'int64' }],
      { sorted: Number(call.flag('sorted')) },
    );
    const index32 = builder.op('Cast', [index], indices, { to: dataType.int32 });
    return [plainly(largestValue, values), plainly(index32, indices)];
  },
};

/**
 * For each value the number of elements of its row of an ordered sequence that are smaller, or not larger: every pair is
 * compared, which is fast for the short sequences of a step.
 */
const searchSorted: Kernel = {
  infer: (call) => [{ shape: call.input('values').shape, dtype: 'int32' }],
  lower: (call) => {
    const { builder, output } = call;
    const [rows = 1, count = 1] = output.shape;
    const { shape } = call.input('sortedSequence');
    const length = shape.at(-1) ?? 1;
    const sequence = reshape(builder, denseValue(builder, call.input('sortedSequence')), [rows, 1, length]);
    const values = reshape(builder, denseValue(builder, call.input('values')), [rows, count, 1]);
    const op = call.text('side') === 'left' ? 'Less' : 'LessOrEqual';
    const before = builder.op(op, [sequence, values], { dtype: 'bool', shape: [rows, count, length] });
    const ones = builder.op('Cast', [before], { dtype: 'int32', shape: before.shape }, { to: dataType.int32 });
    return [plainly(builder.op('ReduceSum', [ones, integers([2])], output, { keepdims: 0 }), output)];
  },
};

/** What asks for the order of elements. */
export const orderingKernels: Kernels = {
  ArgMax: extremeIndex('ArgMax'),
  ArgMin: extremeIndex('ArgMin'),
  TopK: largest,
  SearchSorted: searchSorted,
};
