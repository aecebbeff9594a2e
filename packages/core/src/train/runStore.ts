import { UnlabelError } from '../errors';

/** Where a run keeps its files: a folder in Node, whatever keeps bytes in a browser. Paths use `/`. */
export interface RunStore {
  /** What to call the place in messages. */ readonly location: string;
  /** All or nothing: a reader sees the old bytes or the new ones, never a part, also after a crash. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Adds to the end of a file, creating it. */
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** The bytes, or `undefined` when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Names of the files in a folder, sorted; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
}

/**
 * A run folder on disk. Files are written under a temporary name, flushed to the disk and renamed; leftovers of a
 * crash are never listed and are overwritten.
 * @throws UnlabelError `RUN_FOLDER_INVALID` from any method when the folder cannot be used; `write` lets errors of the
 * disk itself, such as one without room, through
 */
export function folderStore(root: string): RunStore {
  const open = async () => {
    const [fs, { dirname, join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
    const resolve = async (path: string) => {
      const full = join(root, path);
      await fs.mkdir(dirname(full), { recursive: true });
      return full;
    };
    return { fs, join, dirname, resolve };
  };
  const refused = (cause: unknown) => Promise.reject(unusable(root, cause));
  return {
    location: root,
    write: async (path, bytes) => {
      const { fs, dirname, resolve } = await open();
      const full = await resolve(path).catch(refused);
      const temporary = `${full}.partial`;
      try {
        const file = await fs.open(temporary, 'w');
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await fs.rename(temporary, full);
      } catch (cause) {
        await fs.rm(temporary, { force: true });
        throw cause;
      }
      await syncFolder(fs, dirname(full));
    },
    append: async (path, bytes) => {
      const { fs, resolve } = await open();
      await resolve(path)
        .then((full) => fs.appendFile(full, bytes))
        .catch(refused);
    },
    read: async (path) => {
      const { fs, join } = await open();
      return fs.readFile(join(root, path)).catch(undefinedIfMissing).catch(refused);
    },
    list: async (folder) => {
      const { fs, join } = await open();
      const names = (await fs.readdir(join(root, folder)).catch(undefinedIfMissing).catch(refused)) ?? [];
      return names.filter((name) => !name.endsWith('.partial')).sort();
    },
    remove: async (path) => {
      const { fs, join } = await open();
      await fs.rm(join(root, path), { force: true }).catch(refused);
    },
  };
}

/** Makes a rename durable; some systems cannot open folders, and need no such call. */
async function syncFolder(fs: typeof import('node:fs/promises'), folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function undefinedIfMissing(cause: unknown): undefined {
  if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT') return undefined;
  throw cause;
}

function unusable(root: string, cause: unknown): UnlabelError {
  return new UnlabelError('RUN_FOLDER_INVALID', `${root} cannot be used as a run folder: ${String(cause)}.`, {
    fix: 'Choose a folder that you may write to.',
    cause,
  });
}
