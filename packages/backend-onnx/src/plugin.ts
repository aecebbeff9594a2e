import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';
import { passNames } from './passes/passNames';

const onnxDefinition = define({
  kind: 'backend',
  name: 'onnx',
  summary: 'Captures each step as an ONNX graph and runs it in ONNX Runtime on the CPU.',
  options: z.strictObject({
    threads: z.int().min(1).optional().describe('Threads that one step computes with (default: one for each core).'),
    thread: z
      .enum(['worker', 'main'])
      .optional()
      .describe(
        'Where steps run: in a thread of their own (default in Node), or on the main thread, which they block.',
      ),
    without: z.array(z.enum(passNames)).default([]).describe('Parts of the compiler to leave out.'),
  }),
  load: async () => {
    const { onnx } = await import('./onnx');
    return ({ threads, thread, without }) =>
      onnx({ without, ...(threads !== undefined && { threads }), ...(thread !== undefined && { thread }) });
  },
});

/** The ONNX backend, by name. */
export const plugin = definePlugin('@unlabel/backend-onnx', [onnxDefinition]);
