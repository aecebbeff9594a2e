import { type Backend, type BackendSession, type Registry, selectBackend } from '@unlabel/core';
import { type NamedPart, partOf } from '../config/configSchema';

/** An open backend and why it was taken. */
export interface OpenedBackend {
  readonly session: BackendSession;
  /** Device, threads, and with `auto` what was passed over. */ readonly why: string;
}

/** What `auto` tries, fastest first; of WebGPU, only GPUs. */
const preference = ['tensorflow-gpu', 'webgpu', 'onnx', 'tensorflow', 'wasm', 'cpu'];

/**
 * Opens the backend that a config names; `auto` takes the fastest that works here.
 * @throws UnlabelError `BACKEND_UNAVAILABLE` with the reasons and what to install
 */
export async function openBackend(registry: Registry, part: NamedPart): Promise<OpenedBackend> {
  const { name, options } = partOf(part);
  const { backend, why } = await selectBackend(
    name === 'auto' ? await candidates(registry) : [await registry.make('backend', name, options)],
  );
  return { session: await backend.open(), why };
}

async function candidates(registry: Registry): Promise<readonly Backend[]> {
  const known = new Set(registry.definitions('backend').map(({ name }) => name));
  return Promise.all(preference.filter((name) => known.has(name)).map((name) => registry.make('backend', name)));
}
