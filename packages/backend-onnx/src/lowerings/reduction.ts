import { type HostDtype, sizeOf } from '@unlabel/core';
import { type GraphBuilder, integers, reshape, scalarConstant, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { type Lowered, plainly } from '../graph/lowered';
import { type Axes, axesAttribute, axesOf } from './axes';
import { castTo } from './elementwise';
import type { Kernel, KernelCall, Kernels, LoweringCall } from './kernel';

/** ONNX's reductions; of these only ReduceSum takes its axes as an input (opset 17). */
type ReduceOp = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

/** What a reduction makes of `count` equal elements, for axes along which a tensor is held once. */
type Repeated = (value: Value, count: number, builder: GraphBuilder) => Value;

const unchanged: Repeated = (value) => value;
const timesCount: Repeated = (value, count, builder) =>
  builder.op('Mul', [value, scalarConstant(value.dtype, count)], value);
const toPowerOfCount: Repeated = (value, count, builder) =>
  builder.op('Pow', [value, scalarConstant(value.dtype, count)], value);

/** A reduction over `axis` (all axes without it), which `keepDims` leaves in place with extent 1. */
function reduction(
  op: ReduceOp,
  repeated: Repeated,
  options: { readonly axis?: string; readonly dtype?: HostDtype } = {},
): Kernel {
  const { axis = 'axis' } = options;
  return {
    infer: (call) => [{ shape: reducedShape(call, axis), dtype: options.dtype ?? call.input('x').dtype }],
    lower: (call) => [
      plainly(reduce(call, castTo(call, call.input('x'), call.output.dtype), op, repeated, axis), call.output),
    ],
  };
}

function reducedShape(call: KernelCall, attribute: string): readonly number[] {
  const { shape } = call.input('x');
  const reduced = new Set(axesAttribute(call, attribute, shape.length));
  const kept = shape.map((extent, axis) => (reduced.has(axis) ? 1 : extent));
  return call.flag('keepDims') ? kept : kept.filter((_, axis) => !reduced.has(axis));
}

function reduce(call: LoweringCall, tensor: Lowered, op: ReduceOp, repeated: Repeated, attribute: string): Value {
  const { builder } = call;
  const reducedAxes = axesAttribute(call, attribute, tensor.shape.length);
  const axes = axesOf(builder, tensor);
  const held = reducedAxes.filter((axis) => axes.value.shape[axes.position[axis] ?? 0] !== 1);
  const count = sizeOf(reducedAxes.filter((axis) => !held.includes(axis)).map((axis) => tensor.shape[axis] ?? 1));
  const short = reduceValue(
    builder,
    axes.value,
    op,
    held.map((axis) => axes.position[axis] ?? 0).sort((a, b) => a - b),
  );
  const whole = count === 1 ? short : repeated(short, count, builder);
  return withoutAxes(builder, { ...axes, value: whole }, call.flag('keepDims') ? [] : reducedAxes);
}

/** Reduces the axes of a value, which keep extent 1. */
function reduceValue(builder: GraphBuilder, value: Value, op: ReduceOp, axes: readonly number[]): Value {
  if (axes.length === 0) return value;
  const shape = value.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const produces = { dtype: value.dtype, shape };
  return op === 'ReduceSum'
    ? builder.op(op, [value, integers(axes)], produces, { keepdims: 1 })
    : builder.op(op, [value], produces, { axes, keepdims: 1 });
}

/** Back in tfjs's order, with some axes (of extent 1) left out. */
function withoutAxes(builder: GraphBuilder, axes: Axes, dropped: readonly number[]): Value {
  const plain = transpose(builder, axes.value, axes.position);
  return reshape(
    builder,
    plain,
    plain.shape.filter((_, axis) => !dropped.includes(axis)),
  );
}

/** Logical reductions, through 0 and 1. */
function logicalReduction(op: 'ReduceMin' | 'ReduceMax'): Kernel {
  return {
    infer: (call) => [{ shape: reducedShape(call, 'axis'), dtype: 'bool' }],
    lower: (call) => {
      const numbers = castTo(call, call.input('x'), 'int32');
      const value = reduce(call, numbers, op, unchanged, 'axis');
      return [castTo(call, plainly(value, { ...call.output, dtype: 'int32' }), 'bool')];
    },
  };
}

/** Sums, means, extremes, and whether any or all. */
export const reductionKernels: Kernels = {
  Sum: reduction('ReduceSum', timesCount),
  Mean: reduction('ReduceMean', unchanged, { dtype: 'float32' }),
  Max: reduction('ReduceMax', unchanged, { axis: 'reductionIndices' }),
  Min: reduction('ReduceMin', unchanged),
  Prod: reduction('ReduceProd', toPowerOfCount),
  All: logicalReduction('ReduceMin'),
  Any: logicalReduction('ReduceMax'),
};
