import { availableParallelism } from 'node:os';
import { UnlabelError } from '@unlabel/core';
import type { Host } from './host';

/** Node, with onnxruntime-node. */
export const host: Host = {
  name: `${process.platform} on ${process.arch}`,
  defaultProvider: 'cpu',
  defaultThread: 'worker',
  sharesDevices: false, // onnxruntime-node brings a WebGPU of its own
  threads: availableParallelism,
  singleThreaded: () => undefined,
  offered: async () => (await importRuntime()).listSupportedBackends().map(({ name }) => name),
  load: importRuntime,
  openThread: async (settings) => {
    const { openThreadedEngine } = await import('../worker/threadedEngine');
    return openThreadedEngine(settings);
  },
};

async function importRuntime() {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw explained(cause);
  }
}

function explained(cause: unknown): UnlabelError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new UnlabelError('PEER_MISSING', 'onnxruntime-node is not installed.', {
      cause,
      fix: 'Install it with ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node; its script only fetches CUDA libraries.',
    });
  }
  if (code === 'MODULE_NOT_FOUND' && message.includes('onnxruntime_binding.node')) {
    return new UnlabelError('BACKEND_UNAVAILABLE', `onnxruntime-node has no binary for ${host.name}.`, {
      cause,
      fix: 'It has them for Linux and Windows (x64, arm64) and macOS (arm64); elsewhere use cpu() or wasm() of @unlabel/core, in a config `backend: cpu`.',
    });
  }
  return new UnlabelError('BACKEND_UNAVAILABLE', `onnxruntime-node could not be loaded: ${message}`, {
    cause,
    fix: 'Its binaries need glibc 2.28 or newer on Linux. Reinstall it, or use cpu() or wasm() of @unlabel/core, in a config `backend: cpu`.',
  });
}
