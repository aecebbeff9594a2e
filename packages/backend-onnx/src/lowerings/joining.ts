import { sizeOf, type TensorSpec, UnlabelError } from '@unlabel/core';
import { type GraphBuilder, integers, reshape, scalarConstant } from '../graph/builder';
import type { Value } from '../graph/graph';
import { imageShape } from '../graph/imageOrder';
import { denseValue, isDense, type Lowered, plainly } from '../graph/lowered';
import { axesOf, axisAttribute, inLayout } from './axes';
import type { Kernel, KernelCall, Kernels, LoweringCall } from './kernel';

const concat: Kernel = {
  infer: (call) => {
    const [first, ...others] = call.inputs;
    if (!first) throw new UnlabelError('SHAPE_MISMATCH', 'tf.concat was given no tensors.');
    const axis = axisAttribute(call, 'axis', first.shape.length);
    const extent = others.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), first.shape[axis] ?? 0);
    return [{ dtype: first.dtype, shape: first.shape.with(axis, extent) }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const axis = axisAttribute(call, 'axis', output.shape.length);
    return [joined(builder, call.inputs, axis, output)];
  },
};

/** Tensors one after the other; in image order if all are held so. */
function joined(builder: GraphBuilder, tensors: readonly Lowered[], axis: number, spec: TensorSpec): Lowered {
  const parts = tensors.filter((tensor) => sizeOf(tensor.shape) > 0);
  const together = parts.every((tensor) => tensor.inImageOrder && isDense(tensor) && tensor.value.shape.length === 4);
  const values = parts.map((tensor) => (together ? tensor.value : denseValue(builder, tensor)));
  const shape = together ? imageShape(builder.images, spec.shape) : spec.shape;
  const at = together ? (builder.images.toPlain[axis] ?? axis) : axis;
  const value = builder.op('Concat', values, { dtype: spec.dtype, shape }, { axis: at });
  return { ...spec, value, inImageOrder: together };
}

const pack: Kernel = {
  infer: (call) => {
    const [first] = call.inputs;
    if (!first) throw new UnlabelError('SHAPE_MISMATCH', 'tf.stack was given no tensors.');
    return [
      {
        dtype: first.dtype,
        shape: first.shape.toSpliced(axisAttribute(call, 'axis', first.shape.length + 1), 0, call.inputs.length),
      },
    ];
  },
  lower: (call) => {
    const { builder, output } = call;
    const axis = axisAttribute(call, 'axis', output.shape.length);
    const parts = call.inputs.map((tensor) =>
      reshape(builder, denseValue(builder, tensor), tensor.shape.toSpliced(axis, 0, 1)),
    );
    return [plainly(builder.op('Concat', parts, output, { axis }), output)];
  },
};

/** Room around a tensor, in whichever layout it is held. */
function padded(
  call: LoweringCall,
  attributes: Readonly<Record<string, string>>,
  fill: Value | undefined,
): readonly Lowered[] {
  const { builder, output } = call;
  const tensor = call.input('x');
  const axes = axesOf(builder, isDense(tensor) ? tensor : plainly(denseValue(builder, tensor), tensor));
  const paddings = inLayout(axes, call.pairs('paddings'));
  const around = integers([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  const produces = { dtype: output.dtype, shape: inLayout(axes, output.shape) };
  const value = builder.op('Pad', [axes.value, around, fill], produces, attributes);
  return [{ ...output, value, inImageOrder: axes.inImageOrder }];
}

function paddedSpec(call: KernelCall): readonly TensorSpec[] {
  const { shape, dtype } = call.input('x');
  const paddings = call.pairs('paddings');
  return [
    { dtype, shape: shape.map((extent, axis) => extent + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0)) },
  ];
}

const padV2: Kernel = {
  infer: paddedSpec,
  lower: (call) => padded(call, { mode: 'constant' }, scalarConstant(call.output.dtype, call.number('constantValue'))),
};

/** Along each axis the elements are picked in mirrored order; `symmetric` repeats those at the border. */
const mirrorPad: Kernel = {
  infer: paddedSpec,
  lower: (call) => {
    const { builder, output } = call;
    const border = call.text('mode') === 'symmetric' ? 1 : 0;
    const paddings = call.pairs('paddings');
    const mirrored = paddings.reduce(
      (tensor, [before, after], axis) => {
        const extent = tensor.shape[axis] ?? 1;
        const length = before + extent + after;
        if (length === extent) return tensor;
        const order = Array.from({ length }, (_, place) => mirroredPlace(place - before, extent, border));
        const produces = { dtype: output.dtype, shape: tensor.shape.with(axis, length) };
        return builder.op('Gather', [tensor, integers(order)], produces, { axis });
      },
      denseValue(builder, call.input('x')),
    );
    return [plainly(mirrored, output)];
  },
};

/** Where a place before 0 or past the end is mirrored to. */
function mirroredPlace(place: number, extent: number, border: number): number {
  if (place < 0) return -place - border;
  return place < extent ? place : 2 * (extent - 1) - place + border;
}

/** Tensors put together, and room put around them. */
export const joiningKernels: Kernels = {
  Concat: concat,
  Pack: pack,
  PadV2: padV2,
  MirrorPad: mirrorPad,
};
