import wasmPlain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { type Backend, type BackendSession, cpu, selectBackend, wasm } from '@unlabel/core';
import type { BackendChoice, EncoderName } from './settings';

/** An open backend, and in a sentence why this one. */
export interface OpenedBackend {
  readonly session: BackendSession;
  readonly why: string;
}

const files = {
  'tfjs-backend-wasm.wasm': wasmPlain,
  'tfjs-backend-wasm-simd.wasm': wasmSimd,
  'tfjs-backend-wasm-threaded-simd.wasm': wasmThreaded,
};

/** The backends of the page, by name; each loads when it is opened. */
const backends: Readonly<Record<Exclude<BackendChoice, 'auto'>, () => Backend>> = {
  webgpu: () => cpu(),
  wasm: () => wasm({ files }),
  cpu: () => cpu(),
};

/**
 * Opens what was chosen, or with `'auto'` the fastest that works here and trains the encoder: WebAssembly has no gradient
 * of convolutions' filters.
 * @throws UnlabelError `BACKEND_UNAVAILABLE`
 */
export async function openBackend(choice: BackendChoice, encoder: EncoderName): Promise<OpenedBackend> {
  const names = choice === 'auto' ? candidates(encoder) : [choice];
  const { backend, why } = await selectBackend(names.map((name) => backends[name]()));
  return { session: await backend.open(), why };
}

function candidates(encoder: EncoderName): readonly Exclude<BackendChoice, 'auto'>[] {
  return encoder === 'resnet' ? ['cpu'] : ['wasm', 'cpu'];
}
