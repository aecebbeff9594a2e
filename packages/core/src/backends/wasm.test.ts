import { beforeAll, expect, test, vi } from 'vitest';
import type { BackendSession, Step } from '../backend';
import { UnlabelError } from '../errors';
import { lossAndGradients } from '../gradients';
import { hostTensor } from '../hostTensor';
import { tf } from '../tf';
import { cpu } from './cpu';
import { wasm } from './wasm';

const step: Step = ({ state, inputs }) => {
  const { kernel = tf.zeros([0]) } = state;
  const { images = tf.zeros([0]) } = inputs;
  const { loss, gradients } = lossAndGradients(
    () => ({ loss: tf.sum(tf.square(tf.matMul(images, kernel))), extra: {} }),
    { kernel },
  );
  return { outputs: { loss }, state: { kernel: tf.sub(kernel, gradients.kernel ?? 0) } };
};

const convolution: Step = ({ state }) => {
  const kernel = tf.reshape<tf.Rank.R4>(state.kernel ?? tf.zeros([0]), [1, 1, 1, 1]);
  const images = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
  const { loss, gradients } = lossAndGradients(
    () => ({ loss: tf.sum(tf.conv2d(images, kernel, 1, 'same')), extra: {} }),
    {
      kernel,
    },
  );
  return { outputs: { loss, gradient: gradients.kernel ?? loss } };
};

let session: BackendSession;
beforeAll(async () => {
  session = await wasm().open({ threads: 1 });
});

test('is available and warns that it cannot train convolutions', async () => {
  expect(await wasm().probe()).toMatchObject({
    available: true,
    detail: expect.stringContaining('Conv2DBackpropFilter'),
  });
});

test('runs a training step and keeps its state', async () => {
  const spec = { dtype: 'float32', shape: [2, 1] } as const;
  const state = await session.createState({ kernel: hostTensor(Float32Array.of(1, 2), [2, 1]) });
  const compiled = await session.compile(step, {
    inputs: { images: { ...spec, shape: [1, 2] } },
    state: { kernel: spec },
  });
  const images = hostTensor(Float32Array.of(1, 1), [1, 2]);
  const { loss } = await compiled.run(state, { images }, [0]);
  expect(loss?.data[0]).toBe(9);
  expect(Array.from((await state.read()).kernel?.data ?? [])).toEqual([-5, -4]);
});

test('names the kernel that it lacks', async () => {
  const spec = { dtype: 'float32', shape: [1] } as const;
  const state = await session.createState({ kernel: hostTensor(Float32Array.of(1), [1]) });
  const compiled = await session.compile(convolution, { inputs: {}, state: { kernel: spec } });
  const error = await compiled.run(state, {}, [0]).catch((reason: unknown) => reason);
  expect(UnlabelError.is(error, 'BACKEND_UNAVAILABLE')).toBe(true);
  expect(String(error)).toContain('wasm backend has no Conv2DBackpropFilter');
});

test('the cpu backend opens without a banner and leaves warnings on', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await cpu().open();
  tf.scalar(1).dispose();
  expect(warn).not.toHaveBeenCalled();
  expect(tf.env().getBool('PROD')).toBe(false);
  warn.mockRestore();
});

test('products of transposed matrices are what they are on other backends, and leave nothing behind', () => {
  const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const b = tf.tensor2d([1, 0, 2, -1, 1, 3], [2, 3]);
  const before = tf.memory().numTensors;
  const products = [tf.matMul(a, b, true), tf.matMul(a, b, false, true), tf.matMul(tf.transpose(a), b)];
  expect(products.map((product) => Array.from(product.dataSync()))).toEqual([
    [-3, 4, 14, -3, 5, 19, -3, 6, 24],
    [7, 10, 16, 19],
    [-3, 4, 14, -3, 5, 19, -3, 6, 24],
  ]);
  expect(tf.memory().numTensors).toBe(before + 4); // the products, and the transpose above
});
