import {
  type Checkpoint,
  decodeSafetensors,
  folderStore,
  type HostTensors,
  listCheckpoints,
  loadCheckpoint,
  loadKeptCheckpoint,
  type RunStore,
  type SafetensorsFile,
  UnlabelError,
} from '@unlabel/core';
import { stringify } from 'yaml';
import type { Config } from '../config/configSchema';
import { type LoadedConfig, parseConfig } from '../config/loadConfig';

const configFile = 'config.yaml';
const weightsFile = 'encoder.safetensors';

/** A finished (or interrupted) run as it lies on disk. */
export interface SavedRun extends LoadedConfig {
  readonly store: RunStore;
}

/**
 * Takes a folder for a new run, or the folder of a run that is to go on.
 * @throws UnlabelError `RUN_FOLDER_INVALID` where another run has left checkpoints and `resume` is false
 */
export async function takeRunFolder(folder: string, config: Config, resume: boolean): Promise<RunStore> {
  const store = folderStore(folder);
  if (resume) return store;
  if ((await listCheckpoints(store)).length > 0) {
    throw new UnlabelError('RUN_FOLDER_INVALID', `${folder} already holds a run.`, {
      fix: 'Add --resume to continue it, or choose another folder with --out.',
    });
  }
  await store.write(configFile, new TextEncoder().encode(stringify(config)));
  return store;
}

/**
 * Opens the folder of a run, with the config it was made with.
 * @throws UnlabelError `RUN_FOLDER_INVALID`
 */
export async function openRunFolder(folder: string, set: readonly string[] = []): Promise<SavedRun> {
  const store = folderStore(folder);
  const text = await store.read(configFile);
  if (!text) {
    throw new UnlabelError('RUN_FOLDER_INVALID', `${folder} is not a run folder: it has no ${configFile}.`, {
      fix: 'Name the folder that `unlabel pretrain` printed.',
    });
  }
  return { store, ...(await parseConfig(new TextDecoder().decode(text), `${folder}/${configFile}`, { set })) };
}

/**
 * The weights of a run that has ended, and what their file says of them; of a checkpoint, by its name, what it knows.
 * @throws UnlabelError `RUN_FOLDER_INVALID`, `WEIGHTS_INVALID`, as {@link readCheckpoint}
 */
export async function readEncoderFile(store: RunStore, checkpoint?: string): Promise<SafetensorsFile> {
  if (checkpoint !== undefined) {
    const saved = await readCheckpoint(store, checkpoint);
    return { tensors: encoderOf(saved), metadata: saved.identity.data ? { data_hash: saved.identity.data } : {} };
  }
  const bytes = await store.read(weightsFile);
  if (bytes) return decodeSafetensors(bytes);
  throw new UnlabelError('RUN_FOLDER_INVALID', `The run in ${store.location} has no ${weightsFile} yet.`, {
    fix: `Let it finish: ${resumeCommand(store.location)}`,
  });
}

/**
 * Reads a checkpoint of a run.
 * @param name `last`, or that of one that was kept, such as `best`
 * @throws UnlabelError `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_CORRUPT`, `INVALID_OPTION`
 */
export function readCheckpoint(store: RunStore, name: string): Promise<Checkpoint> {
  return name === 'last' ? loadCheckpoint(store) : loadKeptCheckpoint(store, name);
}

/** The encoder of a checkpoint by its own names: the average where one is kept. */
function encoderOf({ state }: Checkpoint): HostTensors {
  const averaged = Object.keys(state).some((name) => name.startsWith('average/encoder/'));
  const prefix = averaged ? 'average/encoder/' : 'encoder/';
  const own = Object.entries(state).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** Keeps what a run came to, for people and scripts. */
export async function writeReport(store: RunStore, report: object): Promise<void> {
  await store.write('report.json', new TextEncoder().encode(`${JSON.stringify(report, undefined, 2)}\n`));
}

/** The command that continues the run in a folder. */
export function resumeCommand(folder: string): string {
  return `unlabel pretrain ${folder}/${configFile} --resume ${folder}`;
}
