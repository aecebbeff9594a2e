import { z } from 'zod';
import { UnlabelError } from '../errors';
import type { HostTensors } from '../hostTensor';
import { decodeSafetensors, encodeSafetensors } from '../safetensors';
import type { RunStore } from './runStore';

/** A moment of a run from which it continues bit for bit. */
export interface Checkpoint {
  /** Updates made. */ readonly step: number;
  /** What the run was made of, by dotted name: a run with another identity must not continue from here. */ readonly identity: Identity;
  readonly state: HostTensors;
  /** Whatever else to know of it, such as why it was kept. */ readonly facts?: CheckpointFacts;
}

/** Facts about a run as flat strings. */
export type Identity = Readonly<Record<string, string>>;

/** What a checkpoint says of itself, by name. */
export type CheckpointFacts = Readonly<Record<string, string>>;

const folder = 'checkpoints';
const header = z.object({
  step: z.int().nonnegative(),
  identity: z.record(z.string(), z.string()),
  facts: z.record(z.string(), z.string()).exactOptional(),
  digest: z.string(),
});

/** Where the checkpoint of a step is kept. */
export function checkpointPath(step: number): string {
  return `${folder}/step-${String(step).padStart(8, '0')}.safetensors`;
}

/**
 * Writes a checkpoint as one safetensors file, then removes all but the newest `keep`. An older checkpoint is only
 * removed once the new one is whole.
 * @throws UnlabelError `CHECKPOINT_WRITE_FAILED`
 */
export async function saveCheckpoint(store: RunStore, checkpoint: Checkpoint, keep = 2): Promise<string> {
  const path = checkpointPath(checkpoint.step);
  await writeCheckpoint(store, path, checkpoint);
  for (const old of (await listCheckpoints(store)).slice(0, -keep)) await store.remove(old);
  return path;
}

/**
 * Writes a checkpoint under a name of its own, in place of an earlier one: no run resumes from it, none removes it.
 * @param name letters, digits and `-`, such as `best`
 * @throws UnlabelError `INVALID_OPTION`, `CHECKPOINT_WRITE_FAILED`
 */
export async function keepCheckpoint(store: RunStore, name: string, checkpoint: Checkpoint): Promise<string> {
  const path = namedPath(name);
  await writeCheckpoint(store, path, checkpoint);
  return path;
}

async function writeCheckpoint(store: RunStore, path: string, checkpoint: Checkpoint): Promise<void> {
  const { step, identity, state, facts } = checkpoint;
  const unlabel = JSON.stringify({ step, identity, ...(facts && { facts }), digest: await digest(state) });
  try {
    await store.write(path, encodeSafetensors(state, { unlabel }));
  } catch (cause) {
    const last = (await listCheckpoints(store)).at(-1);
    throw new UnlabelError(
      'CHECKPOINT_WRITE_FAILED',
      `The checkpoint of step ${step} could not be written: ${reason(cause)}.`,
      {
        fix: last
          ? `${last} in ${store.location} is whole: make room and resume from it.`
          : `Make room at ${store.location} and start again.`,
        cause,
      },
    );
  }
}

function namedPath(name: string): string {
  if (/^[a-z\d-]+$/i.test(name) && !name.startsWith('step-')) return `${folder}/${name}.safetensors`;
  throw new UnlabelError('INVALID_OPTION', `A checkpoint cannot be called '${name}'.`, {
    fix: 'Use letters, digits and hyphens, such as best; step-… are those that runs resume from.',
  });
}

/** Paths of the checkpoints, oldest first. */
export async function listCheckpoints(store: RunStore): Promise<readonly string[]> {
  const names = await store.list(folder);
  return names.filter((name) => /^step-\d+\.safetensors$/.test(name)).map((name) => `${folder}/${name}`);
}

/**
 * Reads the newest checkpoint that is whole, and names those that were passed over.
 * @throws UnlabelError `CHECKPOINT_NOT_FOUND`; `CHECKPOINT_CORRUPT` when there are some but none is whole
 */
export async function loadCheckpoint(
  store: RunStore,
): Promise<Checkpoint & { readonly passedOver: readonly string[] }> {
  const paths = [...(await listCheckpoints(store))].reverse();
  const passedOver: string[] = [];
  for (const path of paths) {
    const checkpoint = await readCheckpoint(store, path).catch((error: unknown) => {
      if (!UnlabelError.is(error, 'CHECKPOINT_CORRUPT')) throw error;
      passedOver.push(error.message);
    });
    if (checkpoint) return { ...checkpoint, passedOver };
  }
  if (passedOver.length > 0) {
    throw new UnlabelError('CHECKPOINT_CORRUPT', passedOver.join(' '), {
      fix: 'Start the run again in another folder.',
    });
  }
  throw new UnlabelError('CHECKPOINT_NOT_FOUND', `There is no checkpoint in ${store.location}.`, {
    fix: 'Start the run without resuming, or name the folder of a run.',
  });
}

/**
 * Reads the checkpoint of a name that {@link keepCheckpoint} wrote.
 * @throws UnlabelError `INVALID_OPTION`, `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_CORRUPT`
 */
export async function loadKeptCheckpoint(store: RunStore, name: string): Promise<Checkpoint> {
  const path = namedPath(name);
  const there = (await store.list(folder)).filter((file) => file.endsWith('.safetensors'));
  if (there.includes(`${name}.safetensors`)) return readCheckpoint(store, path);
  const others = there.map((file) => file.slice(0, -'.safetensors'.length)).join(', ');
  throw new UnlabelError('CHECKPOINT_NOT_FOUND', `There is no checkpoint '${name}' in ${store.location}.`, {
    fix: others ? `There are ${others}.` : 'The run has kept none.',
  });
}

async function readCheckpoint(store: RunStore, path: string): Promise<Checkpoint> {
  try {
    const { tensors, metadata } = decodeSafetensors((await store.read(path)) ?? new Uint8Array());
    const { step, identity, facts, digest: expected } = header.parse(JSON.parse(metadata.unlabel ?? '{}'));
    if ((await digest(tensors)) !== expected) throw new Error('its values are not those that were saved');
    return { step, identity, state: tensors, ...(facts && { facts }) };
  } catch (cause) {
    throw new UnlabelError('CHECKPOINT_CORRUPT', `${path} is damaged: ${reason(cause)}.`, { cause });
  }
}

/** SHA-256 over names and values, as hex. */
async function digest(state: HostTensors): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', encodeSafetensors(state).slice().buffer);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function reason(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
}
