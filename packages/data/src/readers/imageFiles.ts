import { type Dataset, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { type ImageOptions, imageDecoder } from './decodeImage';
import { labelsByFolder } from './listFiles';

/** A file at hand, as pages get them from a dropped folder or an input. */
export interface ImageFile {
  /** Names of folders and of the file, joined by `/`, from the folder that was given: `cats/one.jpg`. */
  readonly path: string;
  readonly blob: Blob;
}

/**
 * Images of files that are at hand, in browsers and in Node, sorted by path; each is decoded when it is read. Where all
 * lie in subfolders, the topmost folder's name is the label.
 * @throws UnlabelError `DATASET_EMPTY`, `INVALID_OPTION`; from `read()` `SAMPLE_UNREADABLE`, and `INVALID_OPTION` outside
 * the range
 */
export async function imageFiles(given: readonly ImageFile[], options: ImageOptions = {}): Promise<Dataset> {
  const decoder = imageDecoder(options);
  const files = given.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const { length } = files;
  const name = 'files';
  if (length === 0)
    throw new UnlabelError('DATASET_EMPTY', 'No files were given.', { fix: 'Give one or more images.' });
  const labels = labelsByFolder(files.map(({ path, blob }) => ({ path, bytes: blob.size })));
  return {
    name,
    length,
    read: async (index) => {
      requireSampleIndex(index, { name, length });
      const { path = '', blob = new Blob() } = files[index] ?? {};
      return decoder.decode(await bytesOf(blob, path), path);
    },
    sampleName: (index) => files[index]?.path ?? String(index),
    fingerprint: `files:${length}:${await identityOf(files)}:${decoder.identity}`,
    ...(labels && { labels }),
  };
}

/** A file may be gone or changed by the time it is read. */
async function bytesOf(blob: Blob, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new UnlabelError('SAMPLE_UNREADABLE', `${path}: ${String(cause)}.`, { cause });
  }
}

async function identityOf(files: readonly ImageFile[]): Promise<string> {
  const text = files.map(({ path, blob }) => `${path}\0${blob.size}\n`).join('');
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
