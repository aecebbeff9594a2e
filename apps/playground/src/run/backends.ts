import wasmPlain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { onnx } from '@unlabel/backend-onnx';
import { webgpu } from '@unlabel/backend-webgpu';
import { type Backend, type BackendSession, cpu, fastest, selectBackend, wasm } from '@unlabel/core';
import { forPages } from './failure';
import type { BackendChoice, EncoderName } from './settings';

/** An open backend. */
export interface OpenedBackend {
  readonly session: BackendSession;
  /** Where it computes. */ readonly name: string;
  /** Why it is not a GPU, and what would help, where none was found. */ readonly note: string | undefined;
}

const files = {
  'tfjs-backend-wasm.wasm': wasmPlain,
  'tfjs-backend-wasm-simd.wasm': wasmSimd,
  'tfjs-backend-wasm-threaded-simd.wasm': wasmThreaded,
};

/** The backends of the page, by name. */
const backends: Readonly<Record<Exclude<BackendChoice, 'auto'>, () => Backend>> = {
  webgpu: () => webgpu(),
  onnx: () => onnx({ provider: 'webgpu', device: async () => (await webgpu().open()).device }),
  wasm: () => wasm({ files }),
  cpu: () => cpu(),
};

/**
 * Opens what was chosen, or with `'auto'` the fastest that works here and trains the encoder: on a GPU, whichever of two
 * engines runs the step faster.
 * @param onEngine is told by which of them, once the first step has shown it
 * @throws UnlabelError `BACKEND_UNAVAILABLE`
 */
export async function openBackend(
  choice: BackendChoice,
  encoder: EncoderName,
  onEngine: (name: string) => void = () => undefined,
): Promise<OpenedBackend> {
  if (choice !== 'auto') return open([choice], undefined);
  const gpu = await backends.webgpu().probe();
  if (gpu.available && !gpu.software) return openEngines(onEngine);
  const reason = gpu.available ? `the GPU found here is none (${gpu.detail})` : `${gpu.reason}. ${forPages(gpu.fix)}`;
  if (encoder === 'resnet') {
    const note = `Training without a GPU, because ${reason} Convolutions train slowly then: an MLP or a ViT is quicker.`;
    return open(gpu.available ? ['webgpu'] : ['cpu'], note);
  }
  return open(['wasm', 'cpu'], `Training on WebAssembly instead of a GPU, because ${reason}`);
}

async function open(
  names: readonly Exclude<BackendChoice, 'auto'>[],
  note: string | undefined,
): Promise<OpenedBackend> {
  const { backend } = await selectBackend(names.map((name) => backends[name]()));
  return { session: await backend.open(), name: backend.name, note };
}

/** Both engines of a GPU. */
async function openEngines(onEngine: (name: string) => void): Promise<OpenedBackend> {
  const onChoice = ({ backend }: { readonly backend: string }) => onEngine(backend);
  const engines = fastest([backends.webgpu(), backends.onnx()], { onChoice });
  return { session: await engines.open(), name: 'webgpu', note: undefined };
}
