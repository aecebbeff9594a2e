import { type BackendSession, createEmbedder, type Embedder, type HostTensors } from '@unlabel/core';
import { partOf } from '../config/configSchema';
import type { RunParts } from './assemble';
import { assembleEncoder } from './assemble';
import { openBackend } from './openBackend';
import { readEncoderFile, type SavedRun } from './runFolder';

/** A run's trained encoder, ready to embed. */
export interface OpenedEncoder extends Pick<RunParts, 'encoder' | 'plainView' | 'pixelView' | 'views'> {
  /** The encoder's, by their own names. */ readonly weights: HostTensors;
  readonly embedder: Embedder;
  readonly session: BackendSession;
  dispose(): Promise<void>;
}

/** Rebuilds a run's encoder on the backend of its config, with its final weights or those of a checkpoint. */
export async function openEncoder({ config, registry, store }: SavedRun, checkpoint?: string): Promise<OpenedEncoder> {
  const { name, options } = partOf(config.views);
  const views = await registry.make('augmentation', name, options);
  const { encoder, plainView, pixelView } = await assembleEncoder(registry, config, views);
  const { tensors: weights } = await readEncoderFile(store, checkpoint);
  const { session } = await openBackend(registry, config.backend);
  const embedder = await createEmbedder(session, encoder, weights);
  return {
    encoder,
    weights,
    views,
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
