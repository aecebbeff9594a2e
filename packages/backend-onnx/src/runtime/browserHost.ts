import { UnlabelError } from '@unlabel/core';
import type { Host, OnnxRuntime, RuntimeSettings } from './host';

/** A browser, with onnxruntime-web. */
export const host: Host = {
  name: 'this browser',
  defaultProvider: 'wasm',
  defaultThread: 'main',
  sharesDevices: true,
  threads: () => navigator.hardwareConcurrency,
  singleThreaded: () => (crossOriginIsolated ? undefined : 'the page is not cross-origin isolated'),
  offered: async () => ['wasm', ...('gpu' in navigator ? ['webgpu'] : [])],
  load: async (settings) => {
    const runtime = await importRuntime(settings);
    const { wasm } = runtime.env;
    wasm.numThreads = crossOriginIsolated ? settings.threads : 1; // only then may threads share memory
    if (settings.wasmPaths !== undefined) wasm.wasmPaths = settings.wasmPaths;
    return runtime;
  },
  openThread: async () => {
    throw new UnlabelError('INVALID_OPTION', "In browsers, the backend has no threads for `thread: 'worker'`.", {
      fix: 'Leave it out, and train in a Worker of the page instead.',
    });
  },
};

/** Two builds of one version: WebAssembly alone is half the size. */
async function importRuntime({ provider }: RuntimeSettings): Promise<OnnxRuntime> {
  try {
    return provider === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  } catch (cause) {
    throw new UnlabelError('PEER_MISSING', 'onnxruntime-web could not be imported.', {
      cause,
      fix: 'Install it beside @unlabel/backend-onnx: npm install onnxruntime-web@1.30.0',
    });
  }
}
