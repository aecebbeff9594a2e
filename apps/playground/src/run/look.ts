import { type BackendSession, type Checkpoint, createEmbedder, createProjector, type HostTensors } from '@unlabel/core';
import type { MapSource } from './embeddingMap';
import type { OpenRun } from './openRun';
import { batchesOf, optionsOf } from './train';

/** Draws the map as the networks of a checkpoint see it, without training. */
export async function look(
  run: OpenRun,
  session: BackendSession,
  checkpoint: Checkpoint,
  source: MapSource,
): Promise<void> {
  run.map.show(source);
  if (source === 'projections') await lookAtProjections(run, session, checkpoint);
  else await lookAtFeatures(run, session, checkpoint);
}

async function lookAtFeatures({ parts, map }: OpenRun, session: BackendSession, checkpoint: Checkpoint): Promise<void> {
  const { encoder } = parts;
  const embedder = await createEmbedder(session, encoder, encoderWeights(checkpoint));
  try {
    const dim = encoder.outputDim;
    const see = async (inputs: Float32Array, count: number) => ({ features: await embedder.embed(inputs, count), dim });
    await map.draw(see, checkpoint.step);
  } finally {
    embedder.dispose();
  }
}

async function lookAtProjections(run: OpenRun, session: BackendSession, checkpoint: Checkpoint): Promise<void> {
  const batches = batchesOf(run);
  try {
    const projector = await createProjector(session, optionsOf(run, batches), checkpoint);
    try {
      await run.map.draw(projector.project, checkpoint.step);
    } finally {
      projector.dispose();
    }
  } finally {
    await batches.dispose();
  }
}

/** The encoder's variables by their own names. */
export function encoderWeights({ state }: Pick<Checkpoint, 'state'>): HostTensors {
  const named = Object.entries(state).filter(([name]) => name.startsWith('encoder/'));
  return Object.fromEntries(named.map(([name, tensor]) => [name.slice('encoder/'.length), tensor]));
}
