import * as tf from '@tensorflow/tfjs-core';
// The package's Node entry leaves gradients out. This registers them in tfjs's process-wide registry, and must come
// second: the files expect the flags that the entry defines.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';

type Gradients = Record<string, () => tf.Tensor>;

let registered = false;

/** Registers the gradients that tfjs has, and what it lacks, once. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  registerMissingGradients();
}

/**
 * Puts right what tfjs's own gradients leave out or get wrong: gathers with batch dimensions and products (they call
 * methods that functional tfjs has not), cumulative sums along other axes than the last, splits into one part,
 * `tf.einsum`, and ops whose inputs are broadcast against each other.
 */
function registerMissingGradients(): void {
  for (const gradient of [gather, product, cumulativeSum, split, einsum]) tf.registerGradient(gradient);
  for (const kernel of [tf.Maximum, tf.Minimum, tf.SquaredDifference, tf.BatchMatMul]) {
    const own = tf.getGradient(kernel);
    if (own) tf.registerGradient(withBroadcasting(own));
  }
}

/** Rows of `dy` go back to where they were gathered from, and add up there. */
const gather: tf.GradConfig = {
  kernelName: tf.GatherV2,
  inputsToSave: ['x', 'indices'],
  gradFunc: (dy, saved, { axis, batchDims = 0 }): Gradients => {
    const [x, indices] = two(saved);
    const [along = 0] = axesOf(axis, x);
    const batches = typeof batchDims === 'number' ? batchDims : 0;
    const axes = x.shape.map((_, other) => other);
    const order = [...axes.slice(0, batches), along, ...axes.slice(batches, along), ...axes.slice(along + 1)];
    const [extent = 1, ...row] = order.slice(batches).map((other) => x.shape[other] ?? 1);
    const count = sizeOf(x.shape.slice(0, batches));
    const places = indices.shape.slice(batches);
    const gradient = () => {
      const rows = tf.reshape(tf.transpose(one(dy), gathered(order, batches, along, places.length)), [-1, ...row]);
      const first = tf.mul(tf.range(0, count, 1, 'int32'), tf.scalar(extent, 'int32'));
      const own = tf.reshape(tf.cast(indices, 'int32'), [count, sizeOf(places)]);
      const ids = tf.reshape(tf.add(own, tf.expandDims(first, 1)), [-1, 1]);
      const sums = tf.scatterND(ids, rows, [count * extent, ...row]);
      const moved = tf.reshape(
        sums,
        order.map((other) => x.shape[other] ?? 1),
      );
      return tf.transpose(moved, inverse(order));
    };
    return { x: gradient, indices: () => tf.zeros(indices.shape) }; // float32, as the tape asks of any gradient
  },
};

/** The axes of a gather's result in the order batches, places, axes that stood before, axes behind. */
function gathered(order: readonly number[], batches: number, along: number, places: number): number[] {
  const at = (axis: number) => (axis < along ? axis : axis - 1 + places);
  const picked = Array.from({ length: places }, (_, place) => along + place);
  return [...order.slice(0, batches), ...picked, ...order.slice(batches + 1).map(at)];
}

/** The derivative of a product by a factor is the product of the factors before it and of those behind. */
const product: tf.GradConfig = {
  kernelName: tf.Prod,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, { axis }): Gradients => {
    const [x] = two(saved);
    const reduced = axesOf(axis, x);
    const kept = x.shape.map((_, other) => other).filter((other) => !reduced.includes(other));
    const order = [...kept, ...reduced];
    const gradient = () => {
      const moved = tf.transpose(x, order);
      const rows = tf.reshape(moved, [sizeOf(moved.shape.slice(0, kept.length)), -1]);
      const others = tf.mul(tf.cumprod(rows, 1, true, false), tf.cumprod(rows, 1, true, true));
      const factors = tf.mul(others, tf.reshape(one(dy), [-1, 1]));
      return tf.transpose(tf.reshape(factors, moved.shape), inverse(order));
    };
    return { x: gradient };
  },
};

/** What an element adds to the sums from there on. */
const cumulativeSum: tf.GradConfig = {
  kernelName: tf.Cumsum,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, { axis, exclusive, reverse }): Gradients => {
    const [along = 0] = axesOf(axis, two(saved)[0]);
    return { x: () => tf.cumsum(one(dy), along, exclusive === true, reverse !== true) };
  },
};

/** The parts' gradients side by side; of one part, tfjs hands over no list. */
const split: tf.GradConfig = {
  kernelName: tf.SplitV,
  gradFunc: (dy, _, { axis }): Gradients => ({
    x: () => tf.concat(Array.isArray(dy) ? dy : [dy], typeof axis === 'number' ? axis : 0),
  }),
};

/** The gradient of a factor is an einsum itself: of `dy` and the other factor, to the letters of the factor. */
const einsum: tf.GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dy, factors, { equation }): Gradients => {
    const [left = '', result = ''] = String(equation).replaceAll(' ', '').split('->');
    const letters = left.split(',');
    const gradients = factors.map((factor, index) => {
      const [others, otherLetters] = [factors[1 - index], letters[1 - index] ?? ''];
      return [
        index,
        () => einsumGradient(one(dy), result, factor, letters[index] ?? '', others, otherLetters),
      ] as const;
    });
    return Object.fromEntries(gradients);
  },
};

/** Letters that the factor alone has were summed over: `dy` is the same along them. */
function einsumGradient(
  dy: tf.Tensor,
  result: string,
  factor: tf.Tensor,
  letters: string,
  other: tf.Tensor | undefined,
  otherLetters: string,
): tf.Tensor {
  const unpaired = [...otherLetters].flatMap((letter, axis) => ((letters + result).includes(letter) ? [] : [axis]));
  const paired = [...otherLetters].filter((letter) => (letters + result).includes(letter)).join('');
  const known = [...letters].filter((letter) => (paired + result).includes(letter)).join('');
  const sums = other && tf.einsum(`${result},${paired}->${known}`, dy, tf.sum(other, unpaired));
  const gradient = sums ?? tf.einsum(`${result}->${known}`, dy);
  const shape = factor.shape.map((extent, axis) => (known.includes(letters[axis] ?? '') ? extent : 1));
  return tf.mul(tf.reshape(gradient, shape), tf.ones(factor.shape));
}

/** tfjs's own gradient of an op of `a` and `b`, summed over the axes along which one of them was repeated. */
function withBroadcasting(own: tf.GradConfig): tf.GradConfig {
  return {
    ...own,
    gradFunc: (dy, saved, attributes): Gradients => {
      const [a, b] = two(saved);
      const { a: gradientA, b: gradientB } = own.gradFunc(dy, saved, attributes);
      return {
        ...(gradientA && { a: () => summedTo(gradientA(), a.shape) }),
        ...(gradientB && { b: () => summedTo(gradientB(), b.shape) }),
      };
    },
  };
}

function summedTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  if (tf.util.arraysEqual(gradient.shape, shape)) return gradient;
  return tf.reshape(tf.sum(gradient, tf.broadcast_util.getReductionAxes(shape, gradient.shape)), shape);
}

function axesOf(axis: unknown, { shape }: tf.Tensor): number[] {
  if (typeof axis === 'number') return tf.util.parseAxisParam(axis, shape);
  return Array.isArray(axis) ? tf.util.parseAxisParam(axis.map(Number), shape) : shape.map((_, other) => other);
}

function inverse(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

function sizeOf(shape: readonly number[]): number {
  return tf.util.sizeFromShape([...shape]);
}

function one(dy: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(dy) ? tf.addN(dy) : dy;
}

/** What tfjs kept; an op of one input has no second. */
function two([first, second]: readonly tf.Tensor[]): readonly [tf.Tensor, tf.Tensor] {
  const none = () => tf.scalar(0);
  return [first ?? none(), second ?? none()];
}
