import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';

/** The package's backend. */
export const plugin = definePlugin('@unlabel/backend-webgpu', [
  define({
    kind: 'backend',
    name: 'webgpu',
    summary: 'Any GPU, through WebGPU: in browsers, and in Node with the package `webgpu`',
    options: z.strictObject({
      powerPreference: z
        .enum(['high-performance', 'low-power'])
        .default('high-performance')
        .describe('Which GPU to take where there are two.'),
    }),
    load: async () => (await import('./webgpu')).webgpu,
  }),
]);
