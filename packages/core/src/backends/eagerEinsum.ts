import { UnlabelError } from '../errors';
import { tf } from '../tf';

/**
 * Puts right `tf.einsum` of a tfjs backend, if it has that. tfjs's kernels sum wrongly over a letter that one of two
 * tensors alone has, give a single tensor back as its own result, which doubles its gradient, and accept some nonsense.
 */
export function repairEinsum(eager: string): void {
  const own = tf.getKernel(tf.Einsum, eager);
  if (!own || repaired.has(own.kernelFunc)) return;
  const kernelFunc: tf.KernelFunc = (call) => repairedEinsum(own.kernelFunc, call);
  repaired.add(kernelFunc);
  tf.unregisterKernel(tf.Einsum, eager);
  tf.registerKernel({ ...own, kernelFunc });
}

const repaired = new WeakSet<tf.KernelFunc>();

/** @throws UnlabelError `INVALID_OPTION` for equations that cannot be computed, `SHAPE_MISMATCH` */
function repairedEinsum(own: tf.KernelFunc, call: Parameters<tf.KernelFunc>[0]): ReturnType<tf.KernelFunc> {
  const tensors = Object.values(call.inputs).flatMap((info) => (info ? [info].flat().map(asTensor) : []));
  const { first, second, result } = equationOf(String(call.attrs?.equation), tensors);
  if (!second) return tf.tidy(() => arranged(summed(first, result), result));
  const [neededOfFirst, neededOfSecond] = [second.letters + result, first.letters + result];
  const complete = allIn(first.letters, neededOfFirst) && allIn(second.letters, neededOfSecond);
  if (complete) return own(call);
  return tf.tidy(() => {
    const [a, b] = [summed(first, neededOfFirst), summed(second, neededOfSecond)];
    return tf.einsum(`${a.letters},${b.letters}->${result}`, a.tensor, b.tensor); // comes back, complete
  });
}

function asTensor(info: tf.TensorInfo): tf.Tensor {
  return info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info);
}

function allIn(letters: string, others: string): boolean {
  return [...letters].every((letter) => others.includes(letter));
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
  const known = allIn(result, left + (right ?? ''));
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
