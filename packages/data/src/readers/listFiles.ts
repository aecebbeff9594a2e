import type { Dirent } from 'node:fs';
import { UnlabelError } from '@unlabel/core';

/** A file under a folder. */
export interface ListedFile {
  /** Relative to the folder, with forward slashes. */ readonly path: string;
  /** Size in bytes; 0 where it cannot be told. */ readonly bytes: number;
}

const atOnce = 64;

/**
 * The files under a folder whose names match, sorted by path. Links are followed, and each folder is listed once, however
 * many links lead to it, so that loops end. A link that leads nowhere is listed: reading it says so.
 * @throws UnlabelError `DATASET_NOT_FOUND` for a folder that cannot be listed
 */
export async function listFiles(root: string, pattern: RegExp): Promise<readonly ListedFile[]> {
  const { readdir, realpath, stat } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const listed = new Set<string>();
  const files: ListedFile[] = [];
  const linked: string[] = []; // looked at last, so that a folder goes by its own name rather than by a link's

  const look = async (folder: string, entry: Dirent): Promise<string | undefined> => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return path;
    if (!entry.isSymbolicLink() && !pattern.test(entry.name)) return undefined;
    const about = await stat(join(root, path)).catch(() => undefined);
    if (about?.isDirectory()) linked.push(path);
    else if (pattern.test(entry.name) && (!about || about.isFile())) files.push({ path, bytes: about?.size ?? 0 });
    return undefined;
  };

  const list = async (folder: string): Promise<readonly string[]> => {
    const place = join(root, folder);
    try {
      const real = await realpath(place);
      if (listed.has(real)) return [];
      listed.add(real);
      const entries = await readdir(place, { withFileTypes: true });
      const folders: string[] = [];
      for (let from = 0; from < entries.length; from += atOnce) {
        const found = await Promise.all(entries.slice(from, from + atOnce).map((entry) => look(folder, entry)));
        folders.push(...found.filter((path) => path !== undefined));
      }
      return folders;
    } catch (cause) {
      throw new UnlabelError('DATASET_NOT_FOUND', `${place} is not a folder that can be read.`, {
        fix: 'Check the path, and who may read it.',
        cause,
      });
    }
  };

  const waiting = [''];
  for (;;) {
    const next = waiting.pop() ?? linked.sort().shift();
    if (next === undefined) break;
    waiting.push(...(await list(next)));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The topmost folder of each path as a class index; `undefined` unless every file lies in one. */
export function labelsByFolder(files: readonly ListedFile[]) {
  if (!files.every((file) => file.path.includes('/'))) return undefined;
  return labelsByName(files.map((file) => file.path.slice(0, file.path.indexOf('/'))));
}

/** Class indices of names, by the sorted order of the names. */
export function labelsByName(names: readonly string[]) {
  const classes = [...new Set(names)].sort();
  const positions = new Map(classes.map((name, position) => [name, position]));
  return { values: Int32Array.from(names, (name) => positions.get(name) ?? -1), classes };
}

/** A short hash of strings, such as the names and sizes of files. */
export async function identify(parts: Iterable<string | Uint8Array>): Promise<string> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
    if (typeof part === 'string') hash.update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
