import { cpu, tf } from '@unlabel/core';
import { backendConformance } from '@unlabel/testkit';
import { describe, test } from 'vitest';
import { tensorflow, tensorflowGpu } from './tensorflow';
import { tensorflowBackend } from './tensorflowBackend';

/** The adapter over a package that registers tfjs's own JavaScript kernels as `tensorflow`. */
const adapter = tensorflowBackend({
  name: 'tensorflow',
  module: '@tensorflow/tfjs-node',
  gpu: false,
  load: async () => {
    if (tf.findBackendFactory('tensorflow')) return;
    await cpu().open();
    tf.copyRegisteredKernels('cpu', 'tensorflow');
    tf.registerBackend('tensorflow', () => tf.findBackendFactory('cpu')());
  },
});

const installed = await Promise.all(
  [tensorflowGpu(), tensorflow()].map(async (backend) => ({ backend, found: await backend.probe() })),
);

describe('the adapter over JavaScript kernels', () => {
  for (const { name, run } of backendConformance(adapter)) test(name, run);
});

for (const { backend, found } of installed) {
  const title = found.available ? found.detail : `not run here: ${found.reason}`;
  describe.skipIf(!found.available)(`${backend.name} (${title})`, () => {
    for (const { name, run } of backendConformance(backend)) test(name, run);
  });
}
