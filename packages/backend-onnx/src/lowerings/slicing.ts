import { type TensorSpec, tf } from '@unlabel/core';
import { type GraphBuilder, integers, reshape } from '../graph/builder';
import { denseValue, type Lowered, plainly } from '../graph/lowered';
import { axesAttribute, axesOf, axisAttribute, inLayout } from './axes';
import type { Kernel, KernelCall, Kernels } from './kernel';
import { reshaped } from './shape';

/** A part of a tensor, in whichever layout it is held; an axis held once stays so. */
function sliced(builder: GraphBuilder, tensor: Lowered, begin: readonly number[], spec: TensorSpec): Lowered {
  const axes = axesOf(builder, tensor);
  if (axes.value.shape.length === 0) return { ...tensor, ...spec };
  const starts = inLayout(axes, begin);
  const extents = inLayout(axes, spec.shape);
  const cut = axes.value.shape
    .map((_, axis) => axis)
    .filter((axis) => axes.value.shape[axis] !== 1 && axes.value.shape[axis] !== extents[axis]);
  const shape = axes.value.shape.map((extent, axis) => (cut.includes(axis) ? (extents[axis] ?? 1) : extent));
  if (cut.length === 0) return { ...tensor, ...spec, value: axes.value };
  const from = cut.map((axis) => starts[axis] ?? 0);
  const to = cut.map((axis) => (starts[axis] ?? 0) + (extents[axis] ?? 1));
  const value = builder.op('Slice', [axes.value, integers(from), integers(to), integers(cut)], {
    dtype: spec.dtype,
    shape,
  });
  return { ...spec, value, inImageOrder: tensor.inImageOrder };
}

const slice: Kernel = {
  infer: (call) => [{ dtype: call.input('x').dtype, shape: sliceOf(call).size }],
  lower: (call) => [sliced(call.builder, call.input('x'), sliceOf(call).begin, call.output)],
};

/** tfjs leaves out trailing axes, and sizes that reach to the end. */
function sliceOf(call: KernelCall): { readonly begin: readonly number[]; readonly size: readonly number[] } {
  const { shape } = call.input('x');
  const given = call.numbers('begin');
  const sizes = (call.attribute('size') ?? undefined) === undefined ? [] : call.numbers('size');
  const begin = shape.map((_, axis) => given[axis] ?? 0);
  const size = shape.map((extent, axis) => {
    const wanted = sizes[axis] ?? -1;
    return wanted === -1 ? extent - (begin[axis] ?? 0) : wanted;
  });
  return { begin, size };
}

const stridedSlice: Kernel = {
  infer: (call) => {
    const info = stridedSliceOf(call);
    return [{ dtype: call.input('x').dtype, shape: info.finalShape }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const { begin, end, strides, finalShapeSparse } = stridedSliceOf(call);
    const axes = integers(begin.map((_, axis) => axis));
    const beyond = end.map((stop, axis) => ((strides[axis] ?? 1) < 0 && stop < 0 ? -(2 ** 31) : stop));
    const inputs = [denseValue(builder, call.input('x')), integers(begin), integers(beyond), axes, integers(strides)];
    const part = builder.op('Slice', inputs, { dtype: output.dtype, shape: finalShapeSparse });
    return [plainly(reshape(builder, part, output.shape), output)];
  },
};

function stridedSliceOf(call: KernelCall) {
  const masks = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'].map(call.number);
  const [beginMask = 0, endMask = 0, ellipsisMask = 0, newAxisMask = 0, shrinkAxisMask = 0] = masks;
  const [begin, end, strides] = [[...call.numbers('begin')], [...call.numbers('end')], [...call.numbers('strides')]];
  return tf.slice_util.sliceInfo(
    [...call.input('x').shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
}

const unpack: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('value');
    const axis = axisAttribute(call, 'axis', shape.length);
    return Array.from({ length: shape[axis] ?? 0 }, () => ({ dtype, shape: shape.toSpliced(axis, 1) }));
  },
  lower: (call) => {
    const tensor = call.input('value');
    const axis = axisAttribute(call, 'axis', tensor.shape.length);
    return call.outputs.map((spec, index) => {
      const begin = tensor.shape.map((_, other) => (other === axis ? index : 0));
      const part = sliced(call.builder, tensor, begin, { dtype: spec.dtype, shape: tensor.shape.with(axis, 1) });
      return reshaped(call.builder, part, spec.shape);
    });
  },
};

const splitV: Kernel = {
  infer: (call) => {
    const { shape, dtype } = call.input('x');
    const axis = axisAttribute(call, 'axis', shape.length);
    return splitSizes(call, shape[axis] ?? 0).map((size) => ({ dtype, shape: shape.with(axis, size) }));
  },
  lower: (call) => {
    const tensor = call.input('x');
    const axis = axisAttribute(call, 'axis', tensor.shape.length);
    let start = 0;
    return call.outputs.map((spec) => {
      const begin = tensor.shape.map((_, other) => (other === axis ? start : 0));
      start += spec.shape[axis] ?? 0;
      return sliced(call.builder, tensor, begin, spec);
    });
  },
};

function splitSizes(call: KernelCall, extent: number): readonly number[] {
  const wanted = call.attribute('numOrSizeSplits');
  if (typeof wanted === 'number') return Array<number>(wanted).fill(extent / wanted);
  const sizes = call.numbers('numOrSizeSplits');
  const known = sizes.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => (size === -1 ? extent - known : size));
}

const reverse: Kernel = {
  infer: (call) => [call.input('x')],
  lower: (call) => {
    const { builder, output } = call;
    const axes = axesAttribute(call, 'dims', output.shape.length);
    const last = integers(axes.map(() => -1));
    const beyond = integers(axes.map((axis) => -1 - (output.shape[axis] ?? 1)));
    const inputs = [denseValue(builder, call.input('x')), last, beyond, integers(axes), last];
    return [
      plainly(axes.length === 0 ? denseValue(builder, call.input('x')) : builder.op('Slice', inputs, output), output),
    ];
  },
};

/** Images turned round from left to right. */
const flipLeftRight: Kernel = {
  infer: (call) => [call.input('image')],
  lower: (call) => {
    const { builder, output } = call;
    const inputs = [
      denseValue(builder, call.input('image')),
      ...[-1, -1 - (output.shape[2] ?? 1), 2, -1].map((number) => integers([number])),
    ];
    return [plainly(builder.op('Slice', inputs, output), output)];
  },
};

/** Parts of tensors, and their order. */
export const slicingKernels: Kernels = {
  Slice: slice,
  StridedSlice: stridedSlice,
  SplitV: splitV,
  Unpack: unpack,
  Reverse: reverse,
  FlipLeftRight: flipLeftRight,
};
