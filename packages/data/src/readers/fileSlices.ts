import type { FileHandle } from 'node:fs/promises';
import { UnlabelError } from '@unlabel/core';

/** Reads parts of files. */
export interface FileSlices {
  /**
   * `length` bytes of the file at `path` from `offset` on.
   * @throws UnlabelError `SAMPLE_UNREADABLE` where the file has gone, has become shorter or cannot be read
   */
  read(path: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  readers: number;
}

const mostOpen = 32;
const mostBytes = 2 ** 29; // of one read: what claims more is damaged, or meant to exhaust memory
const idleMilliseconds = 1000;

/** Keeps the files open that were read last, a few at most, and closes all when nothing has been read for a second. */
export function fileSlices(): FileSlices {
  const files = new Map<string, OpenFile>(); // in the order of their last use
  let idle: NodeJS.Timeout | undefined;

  const closeDownTo = (count: number) => {
    for (const [path, file] of files) {
      if (files.size <= count) return;
      if (file.readers > 0) continue;
      files.delete(path);
      file.handle.then((handle) => handle.close()).catch(() => undefined); // one that never opened
    }
  };

  const acquire = (path: string): OpenFile => {
    const file = files.get(path) ?? { handle: open(path), readers: 0 };
    files.delete(path);
    files.set(path, file);
    file.readers++;
    return file;
  };

  const release = (file: OpenFile) => {
    file.readers--;
    closeDownTo(mostOpen);
    idle ??= setTimeout(() => {
      idle = undefined;
      closeDownTo(0);
    }, idleMilliseconds);
    idle.refresh();
    idle.unref();
  };

  return {
    read: async (path, offset, length) => {
      const file = acquire(path);
      try {
        if (length > mostBytes) throw new Error(`more than ${mostBytes} are not read at once`);
        return await readFully(await file.handle, offset, length);
      } catch (cause) {
        if (files.get(path) === file) files.delete(path);
        file.handle.then((handle) => handle.close()).catch(() => undefined);
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new UnlabelError('SAMPLE_UNREADABLE', `${path}, ${length} bytes from ${offset} on: ${reason}.`, {
          cause,
        });
      } finally {
        release(file);
      }
    },
  };
}

async function open(path: string): Promise<FileHandle> {
  const { open: openFile } = await import('node:fs/promises');
  return openFile(path, 'r');
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) throw new Error('the file ends before');
    filled += bytesRead;
  }
  return bytes;
}

/**
 * Size of a file in bytes.
 * @throws UnlabelError `DATASET_NOT_FOUND` unless it is a file that exists
 */
export async function sizeOfFile(path: string): Promise<number> {
  const { stat } = await import('node:fs/promises');
  const about = await stat(path).catch((cause: unknown) => {
    throw new UnlabelError('DATASET_NOT_FOUND', `${path} cannot be read.`, { fix: 'Check the path.', cause });
  });
  if (!about.isFile())
    throw new UnlabelError('DATASET_NOT_FOUND', `${path} is not a file.`, { fix: 'Check the path.' });
  return about.size;
}

/**
 * A file, or the files under a folder with an extension such as `.tar`, sorted by path, with what to call them.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY` for a folder without such files
 */
export async function fileOrFolder(source: string, extension: string) {
  const { stat } = await import('node:fs/promises');
  const { basename, join } = await import('node:path');
  const about = await stat(source).catch(() => undefined);
  if (!about?.isDirectory()) return [{ path: source, name: basename(source), bytes: await sizeOfFile(source) }];
  const { listFiles } = await import('./listFiles');
  const found = await listFiles(source, new RegExp(`\\${extension}$`, 'i'));
  if (found.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `There are no ${extension} files in ${source}.`, {
      fix: 'Check the folder.',
    });
  }
  return found.map(({ path, bytes }) => ({ path: join(source, path), name: path, bytes }));
}
