import type { Backend } from '@unlabel/core';
import { tensorflowBackend } from './tensorflowBackend';

/**
 * Runs steps on the CPU through libtensorflow, by the optional peer `@tensorflow/tfjs-node`. It uses every core;
 * libtensorflow takes other numbers from the environment (`TF_NUM_INTRAOP_THREADS`), not from `threads`.
 */
export function tensorflow(): Backend {
  const module: string = '@tensorflow/tfjs-node';
  return tensorflowBackend({ name: 'tensorflow', module, gpu: false, load: () => import(module) });
}

/**
 * Runs steps on an NVIDIA GPU through libtensorflow, by the optional peer `@tensorflow/tfjs-node-gpu`. Unavailable where
 * libtensorflow would fall back to the CPU.
 */
export function tensorflowGpu(): Backend {
  const module: string = '@tensorflow/tfjs-node-gpu';
  return tensorflowBackend({ name: 'tensorflow-gpu', module, gpu: true, load: () => import(module) });
}
