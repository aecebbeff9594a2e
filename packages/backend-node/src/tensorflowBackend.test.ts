import { cpu, tf, UnlabelError } from '@unlabel/core';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type TensorflowPackage, tensorflowBackend } from './tensorflowBackend';

beforeAll(async () => {
  await cpu().open();
  tf.copyRegisteredKernels('cpu', 'tensorflow');
});

beforeEach(async () => {
  await tf.setBackend('cpu');
  if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
});

/** Loads as the native packages do: registers a working backend named `tensorflow` and makes it the active one. */
function loads(properties: object = {}): () => Promise<unknown> {
  return async () => {
    const made = () => Object.assign(tf.findBackendFactory('cpu')(), properties);
    if (!tf.findBackendFactory('tensorflow')) tf.registerBackend('tensorflow', made, 3);
    await tf.setBackend('tensorflow');
  };
}

function fails(message: string, code?: string): () => Promise<unknown> {
  return async () => {
    throw Object.assign(new Error(message), code && { code });
  };
}

const onCpu: TensorflowPackage = { name: 'tensorflow', module: '@tensorflow/tfjs-node', gpu: false, load: loads() };
const onGpu: TensorflowPackage = { ...onCpu, name: 'tensorflow-gpu', module: '@tensorflow/tfjs-node-gpu', gpu: true };

test('sessions are of the tfjs backend tensorflow, which computes from then on', async () => {
  const session = await tensorflowBackend(onCpu).open();
  expect(session).toMatchObject({ backend: 'tensorflow', eager: 'tensorflow' });
  expect(tf.getBackend()).toBe('tensorflow');
});

test('a probe says what it found and leaves the active backend alone', async () => {
  expect(await tensorflowBackend(onCpu).probe()).toEqual({ available: true, detail: 'libtensorflow on the CPU' });
  expect(tf.getBackend()).toBe('cpu');
});

test('the GPU package is available only where it computes on a GPU', async () => {
  const gpu = { ...onGpu, load: loads({ isGPUPackage: true, isUsingGpuDevice: true }) };
  expect(await tensorflowBackend(gpu).probe()).toEqual({ available: true, detail: 'libtensorflow on an NVIDIA GPU' });
  tf.removeBackend('tensorflow');
  const fallback = { ...onGpu, load: loads({ isGPUPackage: true, isUsingGpuDevice: false }) };
  expect(await tensorflowBackend(fallback).probe()).toMatchObject({
    available: false,
    reason: 'libtensorflow found no GPU that it can use',
    fix: expect.stringContaining('CUDA 11.2 and cuDNN 8.1'),
  });
});

test('the GPU package is not mistaken for the CPU package loaded before it', async () => {
  await loads({ isGPUPackage: false, isUsingGpuDevice: false })();
  expect(await tensorflowBackend(onGpu).probe()).toMatchObject({
    available: false,
    reason: expect.stringContaining('@tensorflow/tfjs-node was loaded before it'),
  });
});

test('a missing package comes with the command that installs it and what it needs', async () => {
  const missing = (module: string) =>
    fails(`Cannot find package '${module}' imported from x.js`, 'ERR_MODULE_NOT_FOUND');
  const gpu = await tensorflowBackend({ ...onGpu, load: missing(onGpu.module) }).probe();
  expect(gpu).toMatchObject({ available: false, reason: '@tensorflow/tfjs-node-gpu is not installed' });
  const fix = gpu.available ? '' : gpu.fix;
  for (const need of ['npm install @tensorflow/tfjs-node-gpu', 'Node up to 22', 'CUDA 11.2', 'cuDNN 8.1']) {
    expect(fix).toContain(need);
  }
  const onlyCpu = await tensorflowBackend({ ...onCpu, load: missing(onCpu.module) }).probe();
  expect(onlyCpu).toMatchObject({ fix: expect.not.stringContaining('CUDA') });
});

test('a library that is missing beneath the package is a failure of the package', async () => {
  const load = fails(
    "Cannot find module '@mapbox/node-pre-gyp'\nRequire stack: '@tensorflow/tfjs-node'",
    'MODULE_NOT_FOUND',
  );
  expect(await tensorflowBackend({ ...onCpu, load }).probe()).toMatchObject({
    reason: "@tensorflow/tfjs-node failed to start (Cannot find module '@mapbox/node-pre-gyp')",
    fix: expect.stringContaining('npm rebuild @tensorflow/tfjs-node'),
  });
});

test('a native library that does not load is named, and opening throws with the cause', async () => {
  const load = fails('libcudart.so.11.0: cannot open shared object file', 'ERR_DLOPEN_FAILED');
  const opening = tensorflowBackend({ ...onGpu, load, node: '20.11.0' }).open();
  await expect(opening).rejects.toSatisfy((error) => UnlabelError.is(error, 'BACKEND_UNAVAILABLE'));
  await expect(opening).rejects.toMatchObject({
    message: expect.stringContaining('libcudart.so.11.0'),
    fix: expect.stringContaining('CUDA 11.2'),
    cause: { code: 'ERR_DLOPEN_FAILED' },
  });
});

test('on Node 23 and later the failure is put down to Node', async () => {
  const load = fails('(0 , util_1.isNullOrUndefined) is not a function');
  expect(await tensorflowBackend({ ...onCpu, load, node: '23.1.0' }).probe()).toMatchObject({
    reason: expect.stringContaining('does not run on Node 23.1.0'),
    fix: 'Use Node 20 or 22.',
  });
  expect(await tensorflowBackend({ ...onCpu, load, node: '22.9.0' }).probe()).toMatchObject({
    fix: expect.stringContaining('npm rebuild'),
  });
});

test('a package that registers nothing is not taken for a working one', async () => {
  expect(await tensorflowBackend({ ...onCpu, load: async () => ({}) }).probe()).toMatchObject({
    available: false,
    reason: expect.stringContaining("registered no tfjs backend 'tensorflow'"),
  });
});
