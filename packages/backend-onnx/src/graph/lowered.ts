import { sizeOf, type TensorSpec } from '@unlabel/core';
import { expand, type GraphBuilder, reshape, sameShape, transpose } from './builder';
import type { Value } from './graph';
import { imageShape } from './imageOrder';

/**
 * How a step's tensor is held in the graph. `shape` is what tfjs believes; `value` may be
 * - *smaller*: along axes where all elements are equal it has extent 1 or no axis at all (broadcasts stay lazy, so that
 *   multiplying a mean's gradient by `tf.ones` costs nothing), and
 * - *in image order*: between convolutions, images keep the axis order of the graph, though tfjs sees NHWC.
 */
export interface Lowered extends TensorSpec {
  readonly value: Value;
  readonly inImageOrder: boolean;
}

/** A tensor held as tfjs sees it, perhaps smaller. */
export function plainly(value: Value, spec: TensorSpec): Lowered {
  return { ...spec, value, inImageOrder: false };
}

/** An image tensor held in the graph's image order. */
export function inImageOrder(value: Value, spec: TensorSpec): Lowered {
  return { ...spec, value, inImageOrder: true };
}

/** The value in tfjs's axis order, perhaps smaller than the shape. */
export function plainValue(builder: GraphBuilder, tensor: Lowered): Value {
  if (!tensor.inImageOrder || sizeOf(tensor.value.shape) === 1) return tensor.value;
  return transpose(builder, tensor.value, builder.images.toPlain);
}

/** The value in tfjs's axis order and in full. */
export function denseValue(builder: GraphBuilder, tensor: Lowered): Value {
  return expand(builder, plainValue(builder, tensor), tensor.shape);
}

/** A value of up to four axes in the graph's image order, perhaps smaller than the shape. */
export function imageValue(builder: GraphBuilder, tensor: Lowered): Value {
  const { value } = tensor;
  if (tensor.inImageOrder || sizeOf(value.shape) === 1) return value;
  return transpose(builder, padRank(builder, value, 4), builder.images.fromPlain);
}

/** As {@link imageValue}, in full. */
export function denseImages(builder: GraphBuilder, tensor: Lowered): Value {
  return expand(builder, imageValue(builder, tensor), imageShape(builder.images, tensor.shape));
}

/** Puts axes of extent 1 in front until there are `rank`. */
export function padRank(builder: GraphBuilder, value: Value, rank: number): Value {
  const missing = Math.max(0, rank - value.shape.length);
  return reshape(builder, value, [...Array<number>(missing).fill(1), ...value.shape]);
}

/** The shape of an elementwise result. */
export function broadcastShape(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return extents.find((extent) => extent !== 1) ?? 1;
  });
}

/** Whether the value holds every element of the tensor. */
export function isDense(tensor: Lowered): boolean {
  return sameShape(tensor.value.shape, tensor.shape) || sizeOf(tensor.value.shape) === sizeOf(tensor.shape);
}
