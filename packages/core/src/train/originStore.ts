import { UnlabelError } from '../errors';
import type { RunStore } from './runStore';

/**
 * A run folder in the private files that a browser keeps for an origin (OPFS), in pages and in their workers; it survives
 * a reload. A file that is being written takes the place of the old one when it is whole. Appending is quick in workers,
 * and copies the file elsewhere.
 * @param folder names of folders, joined by `/`, such as `runs/one`
 * @throws UnlabelError `RUN_FOLDER_INVALID` from any method where the browser has no such files, or keeps them from the
 * page as some do in private windows; `write` lets errors of the storage itself, such as one without room, through
 */
export function originStore(folder: string): RunStore {
  const open = (path: string, create: boolean) => openFolder(folder, [...parts(folder), ...parts(path)], create);
  const parent = async (path: string, create: boolean) => {
    const names = parts(path);
    const name = names.pop() ?? '';
    return { name, directory: await open(names.join('/'), create) };
  };
  return {
    location: `the browser's files, ${folder}`,
    write: async (path, bytes) => {
      const { name, directory } = await parent(path, true);
      await replace(await directory?.getFileHandle(name, { create: true }), bytes, 0);
    },
    append: async (path, bytes) => {
      const { name, directory } = await parent(path, true);
      const file = await directory?.getFileHandle(name, { create: true });
      if (file && isAppendable(file)) await extend(file, bytes);
      else await replace(file, bytes, (await file?.getFile())?.size ?? 0);
    },
    read: async (path) => {
      const { name, directory } = await parent(path, false);
      const file = await directory?.getFileHandle(name).catch(undefinedIfMissing);
      return file && new Uint8Array(await (await file.getFile()).arrayBuffer());
    },
    list: async (path) => {
      const names: string[] = [];
      for await (const [name, { kind }] of (await open(path, false)) ?? []) if (kind === 'file') names.push(name);
      return names.filter((name) => !name.endsWith('.crswap')).sort(); // Chromium's, of files being written
    },
    remove: async (path) => {
      const { name, directory } = await parent(path, false);
      await directory?.removeEntry(name).catch(undefinedIfMissing);
    },
  };
}

/** A path's names; `.` is the folder itself. */
function parts(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** @returns nothing where there is no such folder and none is to be made */
async function openFolder(
  folder: string,
  names: readonly string[],
  create: boolean,
): Promise<FileSystemDirectoryHandle | undefined> {
  let directory = await globalThis.navigator?.storage?.getDirectory?.().catch((cause: unknown) => {
    throw unusable(folder, String(cause), cause);
  });
  if (!directory) throw unusable(folder, 'this browser, or a page that did not come over https, has none');
  for (const name of names) {
    const inner = await directory.getDirectoryHandle(name, { create }).catch((cause: unknown) => {
      if (create) throw unusable(folder, String(cause), cause);
      return undefinedIfMissing(cause);
    });
    if (!inner) return undefined;
    directory = inner;
  }
  return directory;
}

/** Writes what follows byte `from`; all of it is seen once it is whole, or nothing. */
async function replace(file: FileSystemFileHandle | undefined, bytes: Uint8Array, from: number): Promise<void> {
  const stream = await file?.createWritable({ keepExistingData: from > 0 });
  try {
    await stream?.write({ type: 'write', position: from, data: new Uint8Array(bytes) });
    await stream?.close();
  } catch (cause) {
    await stream?.abort().catch(() => undefined); // it may have been aborted by its error
    throw cause;
  }
}

/** What a file is in a worker, of which TypeScript's types for pages do not know. */
interface AppendableFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    getSize(): number;
    write(bytes: Uint8Array, options: { readonly at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

function isAppendable(file: FileSystemFileHandle): file is AppendableFile {
  return 'createSyncAccessHandle' in file && !('document' in globalThis); // pages have it by name alone
}

async function extend(file: AppendableFile, bytes: Uint8Array): Promise<void> {
  const access = await file.createSyncAccessHandle();
  try {
    access.write(bytes, { at: access.getSize() });
    access.flush();
  } finally {
    access.close();
  }
}

function undefinedIfMissing(cause: unknown): undefined {
  if (cause instanceof DOMException && cause.name === 'NotFoundError') return undefined;
  throw cause;
}

function unusable(folder: string, reason: string, cause?: unknown): UnlabelError {
  return new UnlabelError('RUN_FOLDER_INVALID', `Files of the browser cannot hold ${folder}: ${reason}.`, {
    fix: 'Use a current browser and a window that is not private, over https or from this machine; or train without a store.',
    cause,
  });
}
