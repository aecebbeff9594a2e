import { beforeAll, expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

type Compute = (...inputs: tf.Tensor[]) => tf.Tensor;

const input = (shape: number[], seed: number) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => Math.sin(index * 1.7 + seed)),
    shape,
  );

const weighted = (result: tf.Tensor): tf.Scalar =>
  tf.sum(tf.mul(result, tf.reshape(tf.cos(tf.range(0, result.size)), result.shape)));

/** Largest difference between the gradients of a weighted sum of two functions that should be the same. */
function gradientDifference(first: Compute, second: Compute, shapes: readonly number[][]): number {
  return tf.tidy(() => {
    const inputs = shapes.map((shape, index) => input(shape, index));
    const [a, b] = [first, second].map((compute) =>
      tf.grads((...given: tf.Tensor[]) => weighted(compute(...given)))(inputs),
    );
    const differences = inputs.map((_, index) => tf.max(tf.abs(tf.sub(a?.[index] ?? 0, b?.[index] ?? 1))));
    return Math.max(...differences.map((difference) => difference.dataSync()[0] ?? Number.NaN));
  });
}

/** A gather, as a product with one-hot rows. */
const pick = (x: tf.Tensor, indices: tf.Tensor) =>
  tf.matMul(tf.oneHot(tf.cast(indices, 'int32'), x.shape.at(-2) ?? 1), x);

const indices = () =>
  tf.tensor2d(
    [
      [0, 2, 2],
      [1, 1, 0],
    ],
    [2, 3],
    'int32',
  );

const cases: readonly [string, Compute, Compute, readonly number[][]][] = [
  [
    'gather of each sample its own',
    (x) => tf.gather(x ?? 0, indices(), 1, 1),
    (x) => pick(x ?? tf.scalar(0), indices()),
    [[2, 4, 3]],
  ],
  [
    'gather of what its own values choose',
    (x) => tf.gather(x ?? 0, tf.argMax(x ?? 0, 1)),
    (x) => pick(x ?? tf.scalar(0), tf.argMax(x ?? 0, 1)),
    [[4, 3]],
  ],
  [
    'gather along a later axis',
    (x) => tf.gather(x ?? 0, indices(), 2, 1),
    (x) => {
      const [first = tf.scalar(0), second = tf.scalar(0)] = tf.unstack(x ?? tf.scalar(0));
      const [one = tf.scalar(0), two = tf.scalar(0)] = tf.unstack(indices());
      return tf.stack([tf.gather(first, tf.cast(one, 'int32'), 1), tf.gather(second, tf.cast(two, 'int32'), 1)]);
    },
    [[2, 2, 4, 3]],
  ],
  [
    'gather without batch dimensions',
    (x) => tf.gather(x ?? 0, indices(), 0),
    (x) => pick(x ?? tf.scalar(0), indices()),
    [[3, 4]],
  ],
  [
    'prod over two of three axes',
    (x) => tf.prod(x ?? 0, [0, 2]),
    (x) =>
      tf
        .unstack(tf.reshape(tf.transpose(x ?? 0, [1, 0, 2]), [3, 4]), 1)
        .reduce((product, factor) => tf.mul(product, factor)),
    [[2, 3, 2]],
  ],
  [
    'exclusive reverse cumsum along the first axis',
    (x) => tf.cumsum(x ?? 0, 0, true, true),
    (x) => tf.transpose(tf.cumsum(tf.transpose(x ?? 0), 1, true, true)),
    [[3, 2]],
  ],
  [
    'split into one part, and each part into two',
    (x) =>
      tf.concat(
        tf
          .split(x ?? 0, 1, 1)
          .flatMap((part) => tf.split(part, 2, 1))
          .reverse(),
        1,
      ),
    (x) => tf.transpose(pick(tf.transpose(x ?? 0), tf.tensor1d([2, 3, 0, 1]))),
    [[3, 4]],
  ],
  [
    'einsum of queries and keys',
    (q, k) => tf.einsum('bqhd,bkhd->bhqk', q ?? tf.scalar(0), k ?? tf.scalar(0)),
    (q, k) => tf.matMul(tf.transpose(q ?? 0, [0, 2, 1, 3]), tf.transpose(k ?? 0, [0, 2, 1, 3]), false, true),
    [
      [2, 3, 2, 4],
      [2, 5, 2, 4],
    ],
  ],
  [
    'einsum of one tensor',
    (x) => tf.einsum('abc->ca', x ?? tf.scalar(0)),
    (x) => tf.transpose(tf.sum(x ?? 0, 1)),
    [[2, 3, 4]],
  ],
  [
    'squaredDifference with a mean',
    (x, mean) => tf.squaredDifference(x ?? 0, mean ?? 0),
    (x, mean) => tf.square(tf.sub(x ?? 0, mean ?? 0)),
    [[4, 3], [3]],
  ],
  [
    'maximum and minimum against a row',
    (x, row) => tf.sub(tf.maximum(x ?? 0, row ?? 0), tf.minimum(x ?? 0, row ?? 0)),
    (x, row) => tf.abs(tf.sub(x ?? 0, row ?? 0)),
    [
      [4, 3],
      [1, 3],
    ],
  ],
  [
    'matMul of a batch with one matrix',
    (x, weights) => tf.matMul(x ?? 0, weights ?? 0),
    (x, weights) => tf.reshape(tf.matMul(tf.reshape(x ?? 0, [6, 4]), tf.reshape(weights ?? 0, [4, 2])), [2, 3, 2]),
    [
      [2, 3, 4],
      [4, 2],
    ],
  ],
];

test.each(cases)('%s', (_, first, second, shapes) => {
  expect(gradientDifference(first, second, shapes)).toBeLessThan(1e-5);
});
