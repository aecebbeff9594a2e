import { availableParallelism } from 'node:os';
import { UnlabelError } from '@unlabel/core';
import type { InferenceSession } from 'onnxruntime-node';

/** ONNX Runtime's module. */
export type OnnxRuntime = typeof import('onnxruntime-node');

/**
 * Loads ONNX Runtime, and not before it is needed: it is 45 MB.
 * @throws UnlabelError `PEER_MISSING`, `BACKEND_UNAVAILABLE`
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    throw missing
      ? new UnlabelError('PEER_MISSING', 'onnxruntime-node is not installed.', {
          cause,
          fix: 'Install it with ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node; its script only fetches CUDA libraries.',
        })
      : new UnlabelError('BACKEND_UNAVAILABLE', `onnxruntime-node could not be loaded: ${String(cause)}`, {
          cause,
          fix: "Its binaries exist for Linux, macOS and Windows on x64 and arm64; elsewhere use { backend: 'cpu' }.",
        });
  }
}

/** How many threads a session computes with, unless told. */
export function defaultThreads(): number {
  return availableParallelism();
}

/** Settings measured on training graphs: the graph arrives optimised, and the pattern planner would double the memory. */
export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'disabled',
    enableMemPattern: false,
    enableCpuMemArena: true,
    logSeverityLevel: 3,
  };
}
