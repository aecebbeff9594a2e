import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';
import { passNames } from './passes/passNames';
import { providerNames } from './runtime/providers';

const onnxDefinition = define({
  kind: 'backend',
  name: 'onnx',
  summary: 'Captures each step as an ONNX graph and runs it in ONNX Runtime, in Node and in browsers.',
  options: z.strictObject({
    provider: z
      .enum(providerNames)
      .exactOptional()
      .describe("What ONNX Runtime computes with (default 'cpu' in Node, 'wasm' in browsers)."),
    threads: z
      .int()
      .min(1)
      .exactOptional()
      .describe('Threads that one step computes with (default: one for each core).'),
    thread: z
      .enum(['worker', 'main'])
      .exactOptional()
      .describe(
        'Where steps run: in a thread of their own (default in Node), or on the main thread, which they block.',
      ),
    wasmPaths: z
      .string()
      .exactOptional()
      .describe("In browsers, URL of the folder that serves onnxruntime-web's .wasm files."),
    without: z
      .array(z.enum(passNames))
      .default([])
      .describe('Parts of the compiler to leave out; `unlabel explain` shows their names.'),
  }),
  load: async () => (await import('./onnx')).onnx,
});

/** The ONNX backend, by name. */
export const plugin = definePlugin('@unlabel/backend-onnx', [onnxDefinition]);
