import { opConformance } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { requestAdapter } from './device/gpu';
import { inPlaceCases } from './inPlaceCasesFixture';
import { kernelCases } from './kernelCasesFixture';
import { webgpu } from './webgpu';

// What WebGPU promises of every device, and no more: eight storage buffers, no subgroups.
const device = await (await requestAdapter()).requestDevice();
const backend = webgpu({ device });

test('the device has no optional feature', async () => {
  expect(device.features.has('subgroups')).toBe(false);
  expect(device.limits.maxStorageBuffersPerShaderStage).toBe(8);
  expect((await backend.open()).device).toBe(device);
});

const depending = kernelCases().filter(({ name }) =>
  /layerNorm|NT-Xent|adam|sgd|lars|norm|clipped|averages/.test(name),
);
for (const { name, run } of opConformance(backend, depending)) test(name, run);
for (const { name, run } of inPlaceCases(backend)) test(name, run);
