import { sizeOf } from '@unlabel/core';
import type { GraphBuilder } from '../graph/builder';
import { denseImages, denseValue, inImageOrder, type Lowered, plainly, plainValue } from '../graph/lowered';

/** What lowering saves on its own account, under names as passes have them: each can be turned off like a pass. */
export const loweringChoices = [
  { name: 'splats', summary: 'Holds tensors that are one constant everywhere as that number.' },
  { name: 'lazyBroadcast', summary: 'Holds tensors without the axes along which they repeat, until these are needed.' },
  { name: 'imageLayout', summary: 'Leaves images in the order of the graph between the kernels of a step.' },
] as const;

/** A lowered tensor, held in the ways that `without` leaves. */
export function heldWithout(builder: GraphBuilder, tensor: Lowered, without: readonly string[]): Lowered {
  if (without.length === 0) return tensor;
  const plain = without.includes('imageLayout') ? plainly(plainValue(builder, tensor), specOf(tensor)) : tensor;
  const isNumber = tensor.value.constant !== undefined && sizeOf(tensor.value.shape) === 1;
  return without.includes(isNumber ? 'splats' : 'lazyBroadcast') ? inFull(builder, plain) : plain;
}

function inFull(builder: GraphBuilder, tensor: Lowered): Lowered {
  return tensor.inImageOrder
    ? inImageOrder(denseImages(builder, tensor), specOf(tensor))
    : plainly(denseValue(builder, tensor), specOf(tensor));
}

function specOf({ shape, dtype }: Lowered) {
  return { shape, dtype };
}
