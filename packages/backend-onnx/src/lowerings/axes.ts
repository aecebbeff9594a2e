import { UnlabelError } from '@unlabel/core';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { type Lowered, padRank, plainValue } from '../graph/lowered';
import type { KernelCall } from './kernel';

/** The axes that an attribute names, counted from 0; all of them when it is absent. */
export function axesAttribute(call: KernelCall, name: string, rank: number): readonly number[] {
  if (call.attribute(name) === undefined || call.attribute(name) === null)
    return Array.from({ length: rank }, (_, axis) => axis);
  return call.numbers(name).map((axis) => countFromStart(axis, rank));
}

/** One axis, counted from 0. */
export function axisAttribute(call: KernelCall, name: string, rank: number): number {
  return countFromStart(call.number(name), rank);
}

function countFromStart(axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(counted) && counted >= 0 && counted < rank) return counted;
  throw new UnlabelError('SHAPE_MISMATCH', `There is no axis ${axis} in a tensor with ${rank} axes.`);
}

/** A tensor's value with all its axes, and where each of tfjs's axes lies in it. */
export interface Axes {
  readonly value: Value;
  /** Position in `value` of axis 0, 1, … of the tensor. */ readonly position: readonly number[];
  /** Whether that is the graph's image order. */ readonly inImageOrder: boolean;
}

/** The value in the layout it is held in, its rank completed with axes of extent 1. */
export function axesOf(builder: GraphBuilder, tensor: Lowered): Axes {
  if (tensor.inImageOrder && tensor.value.shape.length === 4) {
    return { value: tensor.value, position: builder.images.toPlain, inImageOrder: true };
  }
  const value = padRank(builder, plainValue(builder, tensor), tensor.shape.length);
  return { value, position: tensor.shape.map((_, axis) => axis), inImageOrder: false };
}

/** `items`, one for each of tfjs's axes, in the order of the value's axes. */
export function inLayout<T>(axes: Axes, items: readonly T[]): readonly T[] {
  const placed = new Map(axes.position.map((position, axis) => [position, axis]));
  return items.map((item, position) => items[placed.get(position) ?? position] ?? item);
}
