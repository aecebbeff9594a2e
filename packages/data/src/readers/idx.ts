import { type Dataset, type Labels, sizeOf, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { sharedMemory } from '../sharedMemory';

/** Where an IDX data set lies; each file plain or gzipped. */
export interface IdxOptions {
  /** Images, `[count, height, width]` uint8: a path, a `file:` URL, or in browsers any URL. */ readonly images:
    | string
    | URL;
  /** Labels, `[count]` uint8, for evaluation only. */ readonly labels?: string | URL;
  /** Class names by label (default `'0'`, `'1'`, … up to the largest label). */ readonly classes?: readonly string[];
  /** What to call the data set (default `'idx'`). */ readonly name?: string;
}

/** An IDX file's extents and its values, in memory that threads can share. */
interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const maxBytes = 2 ** 32; // of one file, unpacked: some ninety times MNIST

/**
 * Grey images from an IDX file, the format of MNIST and its relatives. The pixels are held in shared memory once.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_CORRUPT`, `DATASET_EMPTY`, `LABELS_MISMATCH`; from `read()`
 * `INVALID_OPTION` outside the range
 * @see The IDX format, at the end of http://yann.lecun.com/exdb/mnist/
 */
export async function idxImages(options: IdxOptions): Promise<Dataset> {
  const { images: source, name = 'idx' } = options;
  const { shape, values } = await readIdx(source, 3);
  const [length = 0, height = 0, width = 0] = shape;
  const size = height * width;
  if (length * size === 0) {
    throw new UnlabelError('DATASET_EMPTY', `${source} holds no pixels: its shape is [${shape}].`);
  }
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels, length, options.classes);
  return {
    name,
    length,
    read: (index) => {
      requireSampleIndex(index, { name, length });
      return { data: values.subarray(index * size, (index + 1) * size), height, width, channels: 1 };
    },
    sampleName: (index) => String(index),
    fingerprint: `idx:${shape.join('x')}:${await digest(values)}`,
    ...(labels && { labels }),
  };
}

async function readLabels(source: string | URL, length: number, classes?: readonly string[]): Promise<Labels> {
  const { values } = await readIdx(source, 1);
  if (values.length !== length) {
    throw new UnlabelError('LABELS_MISMATCH', `${source} holds ${values.length} labels for ${length} images.`, {
      fix: 'Give the label file that belongs to these images.',
    });
  }
  const largest = values.reduce((most, label) => Math.max(most, label), 0);
  if (classes && largest >= classes.length) {
    throw new UnlabelError(
      'LABELS_MISMATCH',
      `${source} holds label ${largest}, but there are ${classes.length} classes.`,
      {
        fix: 'Give one name per label.',
      },
    );
  }
  return {
    values: Int32Array.from(values),
    classes: classes ?? Array.from({ length: largest + 1 }, (_, label) => String(label)),
  };
}

async function readIdx(source: string | URL, axes: number): Promise<IdxArray> {
  const content = contentOf(await readBytes(source), source);
  const header = await content.take(4 + 4 * axes);
  const words = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const magic = header.length < 4 + 4 * axes ? undefined : words.getUint32(0);
  if (magic !== 0x800 + axes) {
    const found = magic === undefined ? `${header.length} bytes` : `magic number 0x${magic.toString(16)}`;
    throw corrupt(source, `it starts with ${found}, not with an IDX header of ${axes}-axis uint8 data.`);
  }
  const shape = Array.from({ length: axes }, (_, axis) => words.getUint32(4 + 4 * axis));
  const expected = sizeOf(shape);
  if (expected > maxBytes) throw corrupt(source, `its header claims [${shape}], ${expected} bytes.`);
  const found = await content.take(expected + 1);
  if (found.length !== expected) {
    const count = found.length < expected ? `only ${found.length}` : 'more';
    throw corrupt(source, `[${shape}] needs ${expected} bytes, but ${count} follow the header.`);
  }
  const values = new Uint8Array(sharedMemory(expected));
  values.set(found);
  return { shape, values };
}

async function readBytes(source: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    if (/^(https?|blob|data):/.test(String(source))) return await download(source);
    const { readFile } = await import('node:fs/promises');
    return new Uint8Array(await readFile(source));
  } catch (cause) {
    throw new UnlabelError('DATASET_NOT_FOUND', `${source} cannot be read.`, { fix: 'Check the path.', cause });
  }
}

async function download(source: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** What a file holds, unpacked only as far as it is asked for: a small gzip file can hold more than fits in memory. */
interface Content {
  /** The next `count` bytes, or all that are left. */
  take(count: number): Promise<Uint8Array>;
}

/** @throws UnlabelError `DATASET_CORRUPT` from `take` */
function contentOf(bytes: Uint8Array<ArrayBuffer>, source: string | URL): Content {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    let at = 0;
    return {
      take: async (count) => {
        at += count;
        return bytes.subarray(at - count, at);
      },
    };
  }
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  let rest = new Uint8Array(0);
  return {
    take: async (count) => {
      const parts = [rest];
      for (let length = rest.length; length < count; length += parts.at(-1)?.length ?? 0) {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw corrupt(source, 'its gzip stream is damaged or cut short.', cause);
        });
        if (done) break;
        parts.push(value);
      }
      const all = new Uint8Array(await new Blob(parts).arrayBuffer());
      rest = all.subarray(count);
      return all.subarray(0, count);
    },
  };
}

async function digest(values: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', values.slice()));
  return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function corrupt(source: string | URL, reason: string, cause?: unknown): UnlabelError {
  return new UnlabelError('DATASET_CORRUPT', `${source}: ${reason}`, { fix: 'Fetch the file again.', cause });
}
