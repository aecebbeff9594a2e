import { sizeOf } from '@unlabel/core';
import { type GraphBuilder, integers, reshape, sameShape, transpose } from '../graph/builder';
import { denseValue, isDense, type Lowered, plainly, plainValue } from '../graph/lowered';
import { axesOf } from './axes';
import type { Kernel, Kernels } from './kernel';

/** Another shape for the same elements; tensors held smaller than their shape stay so where only unit axes change. */
export function reshaped(builder: GraphBuilder, tensor: Lowered, shape: readonly number[]): Lowered {
  if (sameShape(tensor.shape, shape)) return tensor;
  const spec = { dtype: tensor.dtype, shape };
  if (sizeOf(tensor.value.shape) === 1) return plainly(reshape(builder, tensor.value, []), spec);
  const plain = plainValue(builder, tensor);
  if (isDense(tensor)) return plainly(reshape(builder, plain, shape), spec);
  const held = heldUnder(plain.shape, tensor.shape, shape);
  return plainly(held ? reshape(builder, plain, held) : reshape(builder, denseValue(builder, tensor), shape), spec);
}

/** The shape under which a smaller value stands for `next`, if `next` differs from `shape` in unit axes alone. */
function heldUnder(
  held: readonly number[],
  shape: readonly number[],
  next: readonly number[],
): readonly number[] | undefined {
  const extents = shape
    .map((extent, axis) => ({ extent, held: held[axis - shape.length + held.length] ?? 1 }))
    .filter(({ extent }) => extent !== 1);
  if (
    !sameShape(
      extents.map(({ extent }) => extent),
      next.filter((extent) => extent !== 1),
    )
  )
    return undefined;
  const remaining = extents.values();
  return next.map((extent) => (extent === 1 ? 1 : (remaining.next().value?.held ?? 1)));
}

const reshapeKernel: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    const wanted = call.numbers('shape');
    const known = sizeOf(wanted.filter((extent) => extent !== -1));
    return [{ dtype, shape: wanted.map((extent) => (extent === -1 ? sizeOf(shape) / known : extent)) }];
  },
  lower: (call) => [reshaped(call.builder, call.input('x'), call.output.shape)],
};

const expandDims: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('input');
    const dim = call.number('dim');
    return [{ dtype, shape: shape.toSpliced(dim < 0 ? dim + shape.length + 1 : dim, 0, 1) }];
  },
  lower: (call) => [reshaped(call.builder, call.input('input'), call.output.shape)],
};

const transposeKernel: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    return [{ dtype, shape: call.numbers('perm').map((axis) => shape[axis] ?? 1) }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const axes = axesOf(builder, call.input('x'));
    const permutation = call.numbers('perm').map((axis) => axes.position[axis] ?? axis);
    return [plainly(transpose(builder, axes.value, permutation), output)];
  },
};

/** Repeating an axis of extent 1 costs nothing: the value stays as it is. */
const tile: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    return [{ dtype, shape: call.numbers('reps').map((times, axis) => times * (shape[axis] ?? 1)) }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const tensor = call.input('x');
    const reps = call.numbers('reps');
    if (reps.every((times, axis) => times === 1 || tensor.shape[axis] === 1)) return [{ ...tensor, ...output }];
    return [plainly(builder.op('Tile', [denseValue(builder, tensor), integers(reps)], output), output)];
  },
};

/** Other shapes for the same elements. */
export const shapeKernels: Kernels = {
  Reshape: reshapeKernel,
  ExpandDims: expandDims,
  Transpose: transposeKernel,
  Tile: tile,
};
