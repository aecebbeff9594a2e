import { type BackendSession, createEmbedder, type Embedder } from '@unlabel/core';
import type { RunParts } from './assemble';
import { assembleEncoder } from './assemble';
import { openBackend } from './openBackend';
import { readEncoderFile, type SavedRun } from './runFolder';

/** A run's trained encoder, ready to embed. */
export interface OpenedEncoder extends Pick<RunParts, 'encoder' | 'plainView' | 'pixelView'> {
  readonly embedder: Embedder;
  readonly session: BackendSession;
  dispose(): Promise<void>;
}

/** Rebuilds a run's encoder on the backend of its config, with its final weights or those of a checkpoint. */
export async function openEncoder({ config, registry, store }: SavedRun, checkpoint?: string): Promise<OpenedEncoder> {
  const { encoder, plainView, pixelView } = await assembleEncoder(registry, config);
  const { tensors: weights } = await readEncoderFile(store, checkpoint);
  const { session } = await openBackend(registry, config.backend);
  const embedder = await createEmbedder(session, encoder, weights);
  return {
    encoder,
    plainView,
    pixelView,
    embedder,
    session,
    dispose: async () => {
      embedder.dispose();
      await session.dispose();
    },
  };
}
