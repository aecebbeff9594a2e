import { originStore, type RunStore, UnlabelError } from '@unlabel/core';

/** Where runs and images are kept, and whether they outlast a reload. */
export interface Shelf {
  readonly lasting: boolean;
  store(folder: string): RunStore;
}

/** The browser's files, or memory where it has none for this page. @throws UnlabelError `RUN_FOLDER_INVALID` */
export async function openShelf(): Promise<Shelf> {
  await beAlone();
  const kept = (folder: string) => originStore(`unlabel-playground/${folder}`);
  try {
    await kept('run').write('probe', new Uint8Array(1));
    await kept('run').remove('probe');
    return { lasting: true, store: kept };
  } catch (error) {
    if (!UnlabelError.is(error) && !(error instanceof Error)) throw error;
    return memoryShelf();
  }
}

/** A shelf that is gone with the page. */
export function memoryShelf(): Shelf {
  const stores = new Map<string, RunStore>();
  return {
    lasting: false,
    store: (folder) => {
      const store = stores.get(folder) ?? memoryStore();
      stores.set(folder, store);
      return store;
    },
  };
}

const folders = ['.', 'checkpoints', 'tensorboard'] as const;

/** Removes all that a run has left. */
export async function clear(store: RunStore): Promise<void> {
  for (const path of await pathsOf(store)) await store.remove(path);
}

/**
 * Moves what cannot be read to a folder of its own, where nothing writes.
 * @returns which
 */
export async function setAside(shelf: Shelf, folder: string): Promise<string> {
  const store = shelf.store(folder);
  for (let number = 1; ; number++) {
    const aside = shelf.store(`aside-${number}`);
    if ((await pathsOf(aside)).length > 0) continue;
    const paths = await pathsOf(store);
    for (const path of paths) await aside.write(path, (await store.read(path)) ?? new Uint8Array());
    for (const path of paths) await store.remove(path);
    return aside.location;
  }
}

async function pathsOf(store: RunStore): Promise<readonly string[]> {
  const listed = folders.map(async (folder) =>
    (await store.list(folder)).map((name) => (folder === '.' ? name : `${folder}/${name}`)),
  );
  return (await Promise.all(listed)).flat();
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
