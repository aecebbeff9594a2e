import * as tf from '@tensorflow/tfjs-core';
import { UnlabelError } from './errors';

/**
 * The sum over products of one or two tensors by the letters of their axes, as `'bqd,bkd->bqk'`. tfjs's own is wrong where
 * a letter of one tensor alone is summed over, so such sums come first, and gives a single tensor back as its own result.
 * @throws UnlabelError `INVALID_OPTION` for other equations, `SHAPE_MISMATCH`
 */
export function einsum(equation: string, ...tensors: tf.Tensor[]): tf.Tensor {
  const { first, second, result } = equationOf(equation, tensors);
  return tf.tidy(() => {
    if (!second) return arranged(summed(first, result), result);
    const a = summed(first, second.letters + result);
    const b = summed(second, first.letters + result);
    return tf.einsum(`${a.letters},${b.letters}->${result}`, a.tensor, b.tensor);
  });
}

/** A tensor whose axes have letters. */
interface Factor {
  readonly tensor: tf.Tensor;
  readonly letters: string;
}

/** Without the axes that nobody needs. */
function summed({ tensor, letters }: Factor, needed: string): Factor {
  const axes = [...letters].flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { tensor, letters };
  return { tensor: tf.sum(tensor, axes), letters: [...letters].filter((letter) => needed.includes(letter)).join('') };
}

function arranged({ tensor, letters }: Factor, order: string): tf.Tensor {
  const axes = [...order].map((letter) => letters.indexOf(letter));
  return tf.transpose(tensor, axes);
}

/** @throws UnlabelError `INVALID_OPTION`, `SHAPE_MISMATCH` */
function equationOf(equation: string, tensors: readonly tf.Tensor[]) {
  const parts = /^([a-z]*)(?:,([a-z]*))?->([a-z]*)$/i.exec(equation.replaceAll(' ', ''));
  const [, left = '', right, result = ''] = parts ?? [];
  const [a, b] = tensors;
  const first = a && { tensor: a, letters: left };
  const second = b && right !== undefined ? { tensor: b, letters: right } : undefined;
  const factors = [first, second].filter((factor) => factor !== undefined);
  const asMany = factors.length === tensors.length && factors.length === (right === undefined ? 1 : 2);
  const lettered = factors.every(({ tensor, letters }) => letters.length === tensor.rank);
  const distinct = [left, right ?? '', result].every((letters) => new Set(letters).size === letters.length);
  const known = [...result].every((letter) => (left + (right ?? '')).includes(letter));
  if (!parts || !first || !asMany || !lettered || !distinct || !known) throw unknownEquation(equation, tensors);
  if (second) requireOneExtent(equation, first, second);
  return { first, second, result };
}

function unknownEquation(equation: string, tensors: readonly tf.Tensor[]): UnlabelError {
  const shapes = tensors.map(({ shape }) => `[${shape}]`).join(' and ');
  return new UnlabelError('INVALID_OPTION', `tf.einsum was called with '${equation}' for ${shapes}.`, {
    fix: "Write it for one or two tensors, with '->', a letter for each axis, each letter once a tensor and once in the result.",
  });
}

function requireOneExtent(equation: string, first: Factor, second: Factor): void {
  for (const [axis, letter] of [...first.letters].entries()) {
    const [extent, other] = [first.tensor.shape[axis], second.tensor.shape[second.letters.indexOf(letter)]];
    if (other === undefined || other === extent) continue;
    const message = `${letter} of tf.einsum('${equation}') is ${extent} in the first tensor and ${other} in the second.`;
    throw new UnlabelError('SHAPE_MISMATCH', message, { fix: 'Axes of one letter must be equally long.' });
  }
}
