import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';

/** The package's backends. */
export const plugin = definePlugin('@unlabel/backend-node', [
  define({
    kind: 'backend',
    name: 'tensorflow-gpu',
    summary: 'libtensorflow on an NVIDIA GPU; needs @tensorflow/tfjs-node-gpu, CUDA 11.2, cuDNN 8.1 and Node up to 22',
    options: z.strictObject({}),
    load: async () => (await import('./tensorflow')).tensorflowGpu,
  }),
  define({
    kind: 'backend',
    name: 'tensorflow',
    summary: 'libtensorflow on the CPU; needs @tensorflow/tfjs-node and Node up to 22',
    options: z.strictObject({}),
    load: async () => (await import('./tensorflow')).tensorflow,
  }),
]);
