import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChromiumOptions, findChromium, inChromium } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { type OnnxOptions, onnx } from '../onnx';
import { differences, encoderNames, train } from '../trainingFixture';

type Page = typeof import('./trainingPageFixture');

const withChromium = test.skipIf((await findChromium()) === undefined);
const wasmPaths = '/onnxruntime/';
const folders = { [wasmPaths]: dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/wasm'))) };
const timeout = 150_000;

/** What a page with the backend comes to. */
function inPage(options: OnnxOptions, encoder?: string, chromium: Partial<ChromiumOptions<Page>> = {}) {
  return inChromium<Page>(`${import.meta.dirname}/trainingPageFixture.ts`, {
    input: { options: { wasmPaths, ...options }, ...(encoder !== undefined && { encoder }) },
    folders,
    timeout,
    ...chromium,
  });
}

withChromium.each(encoderNames)('%s: WebAssembly trains it as the CPU does in Node', { timeout }, async (encoder) => {
  const { trained, locations } = await inPage({ provider: 'wasm', threads: 2 }, encoder);
  expect(trained && differences(await train(onnx({ threads: 2 }), encoder), trained, 1e-4)).toEqual([]);
  expect(locations).toEqual(['cpu']);
});

withChromium.each(['resnet', 'vit'])('%s: so does WebGPU, with the state on the GPU', { timeout }, async (encoder) => {
  const { trained, locations } = await inPage({ provider: 'webgpu' }, encoder, { webgpu: true });
  expect(trained && differences(await train(onnx({ threads: 2 }), encoder), trained, 1e-3)).toEqual([]);
  expect(locations).toEqual(['gpu-buffer']);
});

withChromium('WebAssembly is held to the conformance suite', { timeout }, async () => {
  const { broken, held } = await inPage({});
  expect(broken).toEqual([]);
  expect(held).toBeGreaterThan(80);
});

withChromium("so is WebGPU, as far as its sines and cosines reach: WGSL's are good to 2⁻¹¹", { timeout }, async () => {
  const { broken, held } = await inPage({ provider: 'webgpu' }, undefined, { webgpu: true });
  expect(broken).toEqual([]);
  expect(held).toBeGreaterThan(80);
});

withChromium('a page that is not isolated has one thread, and trains all the same', { timeout }, async () => {
  const isolated = await inPage({ threads: 2 }, 'mlp');
  const { probed, trained } = await inPage({ threads: 2 }, 'mlp', { isolated: false });
  expect(isolated.probed).toMatch(/wasm, 2 threads/);
  expect(probed).toMatch(/wasm, 1 thread \(the page is not cross-origin isolated\)/);
  expect(trained && isolated.trained && differences(isolated.trained, trained, 1e-4)).toEqual([]);
});

withChromium('a page without WebGPU, and one without the .wasm files, say what to do', { timeout }, async () => {
  expect((await inPage({ provider: 'webgpu' })).probed).toMatch(/'webgpu' did not start.*GPU adapter/);
  expect((await inPage({ wasmPaths: '/elsewhere/' })).probed).toMatch(/did not start.*wasmPaths/s);
  expect((await inPage({ provider: 'cuda' })).probed).toMatch(/provider 'cuda'.*in Node on Linux/);
});
