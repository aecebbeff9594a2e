import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { cpu } from './backends/cpu';
import { type FusedKernel, fusedOp, registerFusedKernel } from './fusedOp';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

afterEach(() => {
  if (tf.getKernel('Unlabel:gelu', 'cpu')) tf.unregisterKernel('Unlabel:gelu', 'cpu');
});

/** x³ for `gelu`, whose gradient a kernel shall give ten times too large: whoever computed it is seen in the result. */
const cubed = (x: tf.Tensor) => fusedOp('gelu', { x }, {}, ({ x }) => tf.mul(x, tf.square(x)));
const kernel: FusedKernel<'gelu'> = {
  forward: ({ x }) => [tf.pow(x, 3), tf.square(x)],
  backward: (dy, _, [square = dy]) => ({ x: tf.mul(tf.mul(dy, square), 30) }),
};

const scalarOf = (tensor: tf.Tensor) => Number(tensor.dataSync()[0]);

test('computes the composed form where the backend has no kernel', () => {
  registerFusedKernel('gelu', 'another', kernel);
  expect(scalarOf(cubed(tf.scalar(2)))).toBeCloseTo(8, 5);
  expect(scalarOf(tf.grad(cubed)(tf.scalar(2)))).toBeCloseTo(12, 5);
});

test('computes value and gradient by the kernel of the active backend', () => {
  const forward = vi.fn(kernel.forward);
  registerFusedKernel('gelu', 'cpu', { ...kernel, forward });
  expect(scalarOf(cubed(tf.scalar(2)))).toBeCloseTo(8, 5);
  expect(scalarOf(tf.grad(cubed)(tf.scalar(2)))).toBeCloseTo(120, 5);
  expect(forward).toHaveBeenCalledTimes(2);
});

test('a kernel registered again replaces the one before', () => {
  registerFusedKernel('gelu', 'cpu', kernel);
  registerFusedKernel('gelu', 'cpu', { ...kernel, forward: () => [tf.scalar(-1)] });
  expect(scalarOf(cubed(tf.scalar(2)))).toBe(-1);
});

test('gradients of gradients are those of the composed form', () => {
  registerFusedKernel('gelu', 'cpu', kernel);
  expect(scalarOf(tf.grad(tf.grad(cubed))(tf.scalar(2)))).toBeCloseTo(12, 4);
  const third = tf.grad(tf.grad(tf.grad(cubed)));
  expect(scalarOf(third(tf.scalar(2)))).toBeCloseTo(6, 4);
});

test('computes the composed form of shapes that the kernel does not take', () => {
  registerFusedKernel('gelu', 'cpu', { ...kernel, accepts: ({ x }) => x.rank > 0 });
  expect(scalarOf(tf.grad(cubed)(tf.scalar(2)))).toBeCloseTo(12, 5);
  expect(scalarOf(tf.grad(cubed)(tf.tensor1d([2])))).toBeCloseTo(120, 5);
});

test('gradients that a kernel leaves out are 0', () => {
  registerFusedKernel('gelu', 'cpu', { ...kernel, backward: () => ({}) });
  expect(scalarOf(tf.grad(cubed)(tf.scalar(2)))).toBe(0);
});

test('leaves no tensors behind', () => {
  registerFusedKernel('gelu', 'cpu', kernel);
  const x = tf.scalar(2);
  const before = tf.memory().numTensors;
  tf.tidy(() => tf.grad(cubed)(x)).dispose();
  cubed(x).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
