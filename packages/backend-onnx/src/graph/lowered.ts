import { sizeOf, type TensorSpec } from '@unlabel/core';
import { expand, type GraphBuilder, reshape, sameShape, transpose } from './builder';
import type { Value } from './graph';

/**
 * How a step's tensor is held in the graph. `shape` is what tfjs believes; `value` may be
 * - *smaller*: along axes where all elements are equal it has extent 1 or no axis at all (broadcasts stay lazy, so that
 *   multiplying a mean's gradient by `tf.ones` costs nothing), and
 * - *channels first*: images stay `[batch, channels, height, width]` between convolutions, though tfjs sees NHWC.
 */
export interface Lowered extends TensorSpec {
  readonly value: Value;
  readonly channelsFirst: boolean;
}

/** A tensor held as tfjs sees it, perhaps smaller. */
export function plainly(value: Value, spec: TensorSpec): Lowered {
  return { ...spec, value, channelsFirst: false };
}

/** An image tensor held channels first. */
export function channelsFirst(value: Value, spec: TensorSpec): Lowered {
  return { ...spec, value, channelsFirst: true };
}

/** The value in tfjs's axis order, perhaps smaller than the shape. */
export function plainValue(builder: GraphBuilder, tensor: Lowered): Value {
  if (!tensor.channelsFirst || tensor.value.shape.length === 0) return tensor.value;
  return transpose(builder, tensor.value, [0, 2, 3, 1]);
}

/** The value in tfjs's axis order and in full. */
export function denseValue(builder: GraphBuilder, tensor: Lowered): Value {
  return expand(builder, plainValue(builder, tensor), tensor.shape);
}

/** A value of up to four axes as `[batch, channels, height, width]`, perhaps smaller than the shape. */
export function channelsFirstValue(builder: GraphBuilder, tensor: Lowered): Value {
  const { value } = tensor;
  if (tensor.channelsFirst || sizeOf(value.shape) === 1) return value;
  return transpose(builder, padRank(builder, value, 4), [0, 3, 1, 2]);
}

/** As {@link channelsFirstValue}, in full. */
export function denseChannelsFirst(builder: GraphBuilder, tensor: Lowered): Value {
  const [batch = 1, height = 1, width = 1, channels = 1] = tensor.shape;
  return expand(builder, channelsFirstValue(builder, tensor), [batch, channels, height, width]);
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
