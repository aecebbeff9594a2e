import { createRegistry, UnlabelError } from '@unlabel/core';
import { expect, test } from 'vitest';
import { onnx } from '../onnx';
import { plugin } from '../plugin';
import { type OnnxProvider, providerNames, providers } from './providers';

const onLinux = process.platform === 'linux' && process.arch === 'x64';

test('a provider that nobody knows is refused by name, in code and in configs', async () => {
  const unknown: string = 'tpu';
  const fromJavaScript = (provider: string) => Reflect.apply(onnx, undefined, [{ provider }]);
  expect(() => fromJavaScript(unknown)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_NAME', message: expect.stringContaining(providerNames.join(', ')) }),
  );
  const registry = createRegistry([plugin]);
  const made = registry.make('backend', 'onnx', { provider: unknown });
  await expect(made).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('webgpu') });
  expect(await (await registry.backend('onnx', { provider: 'cpu' })).probe()).toMatchObject({ available: true });
});

test("a device is for WebGPU, and in Node nobody's but ONNX Runtime's", () => {
  const device = async () => Promise.reject(new Error('not asked for'));
  const refused = (fix: string) => expect.objectContaining({ code: 'INVALID_OPTION', fix });
  expect(() => onnx({ device })).toThrow(refused("Give it with provider: 'webgpu'."));
  expect(() => onnx({ provider: 'webgpu', device })).toThrow(refused('Leave `device` out.'));
});

test('probe says what it started', async () => {
  expect(await onnx({ provider: 'cpu' }).probe()).toMatchObject({
    detail: expect.stringMatching(/, cpu, \d+ threads?/),
  });
});

test.skipIf(!onLinux)(
  'and which others ONNX Runtime brings along, which may not start: on Linux, CUDA and WebGPU',
  async () => {
    const { detail } = { detail: '', ...(await onnx({ provider: 'cpu' }).probe()) };
    expect(detail).toContain('also has cuda, webgpu, not tried');
  },
);

/** Providers that no build of onnxruntime-node has for this platform. */
const elsewhere: readonly OnnxProvider[] = [
  'wasm',
  ...(process.platform === 'darwin' ? [] : (['coreml'] as const)),
  ...(process.platform === 'win32' ? [] : (['directml'] as const)),
];

test.each(elsewhere)('%s is not offered here: the error says where it is', async (provider) => {
  const error = await onnx({ provider })
    .open()
    .catch((reason: unknown) => reason);
  expect(UnlabelError.is(error, 'BACKEND_UNAVAILABLE')).toBe(true);
  expect(String(error)).toContain(`no provider '${provider}'`);
  expect(String(error)).toContain(providers[provider].where);
  expect(await onnx({ provider }).probe()).toMatchObject({
    available: false,
    fix: expect.stringContaining(providers[provider].where),
  });
});

test.skipIf(!onLinux || (await onnx({ provider: 'cuda' }).probe()).available)(
  'CUDA without its libraries does not start: the error says how they are installed',
  async () => {
    const error = await onnx({ provider: 'cuda' })
      .open()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(
        /'cuda' did not start: .*(shared library|CUDA|driver).*ONNXRUNTIME_NODE_INSTALL=skip/s,
      ),
    });
  },
);

test('providers other than the CPU are given standard operators alone', () => {
  const portable = providerNames.filter((name) => providers[name].portable);
  expect(portable).toEqual(['cuda', 'coreml', 'directml', 'webgpu']);
});
