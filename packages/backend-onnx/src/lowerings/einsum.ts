import { sizeOf, UnlabelError } from '@unlabel/core';
import { type GraphBuilder, integers, reshape, transpose } from '../graph/builder';
import type { Value } from '../graph/graph';
import { denseValue, plainly } from '../graph/lowered';
import type { Kernel, KernelCall, Kernels } from './kernel';
import { multiplyMatrices } from './matmul';

/** A tensor whose axes have letters. */
interface Lettered {
  readonly value: Value;
  readonly letters: readonly string[];
}

/** What an equation says: the letters of each factor, and of the result. */
interface Equation {
  readonly factors: readonly (readonly string[])[];
  readonly result: readonly string[];
}

/**
 * Sums over products by letters, as one product of matrices between reshapes: letters that both factors have are batches
 * if the result has them, and are summed over if not; the rest are rows and columns.
 */
const einsum: Kernel = {
  infer: (call) => {
    const { factors, result } = equationOf(call);
    const extents = new Map(
      factors.flatMap((letters, index) =>
        letters.map((letter, axis) => [letter, call.inputs[index]?.shape[axis] ?? 1]),
      ),
    );
    return [{ dtype: call.inputs[0]?.dtype ?? 'float32', shape: result.map((letter) => extents.get(letter) ?? 1) }];
  },
  lower: (call) => {
    const { builder, output } = call;
    const { factors, result } = equationOf(call);
    const [a, b] = call.inputs.map((tensor, index) => {
      const needed = [...result, ...factors.filter((_, other) => other !== index).flat()];
      return summed(builder, { value: denseValue(builder, tensor), letters: factors[index] ?? [] }, needed);
    });
    if (!a) return [];
    return [plainly(arranged(builder, b ? contracted(builder, a, b, result) : a, result), output)];
  },
};

/** @throws UnlabelError `CAPTURE_UNSUPPORTED_OP` for what tfjs's own kernels do not compute either */
function equationOf(call: KernelCall): Equation {
  const [left = '', right] = call.text('equation').replaceAll(' ', '').split('->');
  const factors = left.split(',').map((letters) => [...letters]);
  const known = new Set(factors.flat());
  const repeats = factors.some((letters) => new Set(letters).size < letters.length);
  const fits = factors.length === call.inputs.length && factors.length <= 2;
  if (right !== undefined && fits && !repeats && !known.has('.') && [...right].every((letter) => known.has(letter))) {
    return { factors, result: [...right] };
  }
  throw new UnlabelError('CAPTURE_UNSUPPORTED_OP', `tf.einsum was called with '${call.text('equation')}'.`, {
    fix: "Write it for one or two tensors, with '->', without '...', each letter once a tensor.",
  });
}

/** Without the letters that nobody needs. */
function summed(builder: GraphBuilder, { value, letters }: Lettered, needed: readonly string[]): Lettered {
  const axes = letters.flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { value, letters };
  const shape = value.shape.filter((_, axis) => !axes.includes(axis));
  const sum = builder.op('ReduceSum', [value, integers(axes)], { dtype: value.dtype, shape }, { keepdims: 0 });
  return { value: sum, letters: letters.filter((letter) => needed.includes(letter)) };
}

/** The product of two factors, its letters in the order in which the multiplication leaves them. */
function contracted(builder: GraphBuilder, a: Lettered, b: Lettered, result: readonly string[]): Lettered {
  const shared = a.letters.filter((letter) => b.letters.includes(letter));
  const batches = shared.filter((letter) => result.includes(letter));
  const sums = shared.filter((letter) => !result.includes(letter));
  const rows = a.letters.filter((letter) => !shared.includes(letter));
  const columns = b.letters.filter((letter) => !shared.includes(letter));
  const transposeA = stands(a, [...batches, ...sums, ...rows]);
  const transposeB = stands(b, [...batches, ...columns, ...sums]);
  const left = asMatrices(builder, a, transposeA ? [batches, sums, rows] : [batches, rows, sums]);
  const right = asMatrices(builder, b, transposeB ? [batches, columns, sums] : [batches, sums, columns]);
  const product = multiplyMatrices(builder, left, right, { transposeA, transposeB });
  const extents = new Map(
    [a, b].flatMap(({ value, letters }) => letters.map((letter, axis) => [letter, value.shape[axis] ?? 1])),
  );
  const letters = [...batches, ...rows, ...columns];
  const shape = letters.map((letter) => extents.get(letter) ?? 1);
  return { value: reshape(builder, product, shape), letters };
}

/** Whether the letters stand in this order already. */
function stands({ letters }: Lettered, order: readonly string[]): boolean {
  return letters.join() === order.join();
}

/** The tensor with its axes in groups, each of them one axis: batches, if there are any, and two more. */
function asMatrices(builder: GraphBuilder, tensor: Lettered, groups: readonly (readonly string[])[]): Value {
  const value = arranged(builder, tensor, groups.flat());
  let first = 0;
  const shape = groups.map((group) => {
    first += group.length;
    return sizeOf(value.shape.slice(first - group.length, first));
  });
  return reshape(builder, value, groups[0]?.length === 0 ? shape.slice(1) : shape);
}

function arranged(builder: GraphBuilder, { value, letters }: Lettered, order: readonly string[]): Value {
  return transpose(
    builder,
    value,
    order.map((letter) => letters.indexOf(letter)),
  );
}

/** Products by letters. */
export const einsumKernels: Kernels = { Einsum: einsum };
