import { listCheckpoints, originStore, type RunStore, UnlabelError } from '@unlabel/core';
import type { Change, SavedRun, ShownEvent } from './protocol';
import { isOptions, type Settings } from './settings';

const settingsFile = 'run.json';
const metricsFile = 'metrics.jsonl';

/** Where runs and images are kept, and whether they outlast a reload. */
export interface Shelf {
  readonly lasting: boolean;
  store(folder: 'run' | 'images'): RunStore;
}

/** The browser's files, or memory where it has none for this page. */
export async function openShelf(): Promise<Shelf> {
  await beAlone();
  const kept = (folder: string) => originStore(`unlabel-playground/${folder}`);
  try {
    await kept('run').write('probe', new Uint8Array(1));
    await kept('run').remove('probe');
    return { lasting: true, store: kept };
  } catch (error) {
    if (!UnlabelError.is(error) && !(error instanceof Error)) throw error;
    const stores = { run: memoryStore(), images: memoryStore() };
    return { lasting: false, store: (folder) => stores[folder] };
  }
}

/** Two pages must not write one run. @throws UnlabelError `RUN_FOLDER_INVALID` */
async function beAlone(): Promise<void> {
  const { locks } = navigator;
  if (!locks) return;
  await new Promise<void>((resolve, reject) => {
    const forever = () => {
      resolve();
      return new Promise<never>(() => undefined);
    };
    // A page that is being reloaded lets go a moment later.
    locks.request('unlabel-playground', { signal: AbortSignal.timeout(3000) }, forever).catch(() => {
      reject(
        new UnlabelError('RUN_FOLDER_INVALID', 'The playground is open in another tab, which has the run.', {
          fix: 'Close that tab, then reload this one.',
        }),
      );
    });
  });
}

function memoryStore(): RunStore {
  const files = new Map<string, Uint8Array>();
  return {
    location: 'the memory of this page',
    write: async (path, bytes) => void files.set(path, bytes.slice()),
    append: async (path, bytes) => {
      const before = files.get(path) ?? new Uint8Array();
      const whole = new Uint8Array(before.length + bytes.length);
      whole.set(before);
      whole.set(bytes, before.length);
      files.set(path, whole);
    },
    read: async (path) => files.get(path),
    list: async (folder) => {
      const start = folder === '.' ? '' : `${folder}/`;
      const names = [...files.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
      return names.filter((name) => !name.includes('/')).sort();
    },
    remove: async (path) => void files.delete(path),
  };
}

/** Removes all that a run has left. */
export async function clearRun(store: RunStore): Promise<void> {
  for (const folder of ['.', 'checkpoints', 'tensorboard']) {
    for (const name of await store.list(folder)) await store.remove(folder === '.' ? name : `${folder}/${name}`);
  }
}

/** Keeps what a run is of. */
export async function saveSettings(store: RunStore, settings: Settings, changes: readonly Change[]): Promise<void> {
  await store.write(settingsFile, new TextEncoder().encode(JSON.stringify({ settings, changes })));
}

/** The run that an earlier visit left; nothing where there is none from which training could go on. */
export async function findRun(store: RunStore): Promise<SavedRun | undefined> {
  const saved = await store.read(settingsFile);
  const newest = (await listCheckpoints(store)).at(-1);
  if (!saved || newest === undefined) return undefined;
  const { settings, changes }: { settings: Settings; changes: Change[] } = JSON.parse(new TextDecoder().decode(saved));
  const step = Number(/(\d+)\.safetensors$/.exec(newest)?.[1] ?? 0);
  const lines = new TextDecoder().decode((await store.read(metricsFile)) ?? new Uint8Array()).split('\n');
  const events = lines.flatMap(parseEvent).filter((event) => !('step' in event) || event.step <= step);
  return { settings, changes, events, step };
}

/** One line of the log; a last one may have been cut off. */
function parseEvent(line: string): ShownEvent[] {
  try {
    const event: unknown = JSON.parse(line);
    return isOptions(event) && typeof event.type === 'string' ? [event as unknown as ShownEvent] : []; // as it was written
  } catch {
    return [];
  }
}
