import { type Dataset, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { sharedMemory } from '../sharedMemory';
import { identify } from './listFiles';

/** Where the binary version of CIFAR lies, and which part of it. */
export interface CifarOptions {
  /** Folder of the `.bin` files, `cifar-10-batches-bin` or `cifar-100-binary`, as unpacked. */ readonly root: string;
  /** `'train'`: 50,000 images; `'test'`: 10,000 (default `'train'`). */ readonly split?: 'train' | 'test';
}

/** Options of CIFAR-100. */
export interface Cifar100Options extends CifarOptions {
  /** The 100 classes, or the 20 groups of them (default `'fine'`). */ readonly labels?: 'fine' | 'coarse';
}

interface CifarFormat {
  readonly name: string;
  readonly files: readonly string[];
  readonly classNames: string;
  readonly classes: number;
  /** Bytes before the pixels. */ readonly labelBytes: number;
  /** Which of them is the label. */ readonly labelByte: number;
}

const side = 32;
const plane = side * side;
const citation = 'https://www.cs.toronto.edu/~kriz/cifar.html';

/**
 * CIFAR-10: 32 × 32 RGB images of ten classes, from the binary version. The pixels are held in shared memory once.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_CORRUPT`
 * @see Krizhevsky, Learning multiple layers of features from tiny images, 2009, https://www.cs.toronto.edu/~kriz/cifar.html
 */
export function cifar10({ root, split = 'train' }: CifarOptions): Promise<Dataset> {
  const train = [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`);
  const files = split === 'train' ? train : ['test_batch.bin'];
  const format = { classNames: 'batches.meta.txt', classes: 10, labelBytes: 1, labelByte: 0 };
  return readCifar(root, { name: `cifar-10-${split}`, files, ...format });
}

/**
 * CIFAR-100: 32 × 32 RGB images of a hundred classes, from the binary version.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_CORRUPT`
 * @see Krizhevsky, Learning multiple layers of features from tiny images, 2009, https://www.cs.toronto.edu/~kriz/cifar.html
 */
export function cifar100({ root, split = 'train', labels = 'fine' }: Cifar100Options): Promise<Dataset> {
  const format = { classNames: `${labels}_label_names.txt`, labelBytes: 2, labelByte: labels === 'fine' ? 1 : 0 };
  const classes = labels === 'fine' ? 100 : 20;
  return readCifar(root, { name: `cifar-100-${split}`, files: [`${split}.bin`], classes, ...format });
}

async function readCifar(root: string, format: CifarFormat): Promise<Dataset> {
  const { name, files, labelBytes, labelByte } = format;
  const record = labelBytes + 3 * plane;
  const contents: Uint8Array[] = [];
  for (const file of files) contents.push(await readRecords(root, file, record));
  const length = contents.reduce((sum, { length: bytes }) => sum + bytes / record, 0);
  const classes = await readClasses(root, format);
  const values = new Int32Array(length);
  const pixels = new Uint8Array(sharedMemory(length * 3 * plane));
  let sample = 0;
  for (const [at, bytes] of contents.entries()) {
    for (let start = 0; start < bytes.length; start += record, sample++) {
      const label = bytes[start + labelByte] ?? 0;
      if (label >= classes.length) throw corrupt(root, files[at], `record ${start / record} has label ${label}`);
      values[sample] = label;
      interleave(bytes.subarray(start + labelBytes, start + record), pixels.subarray(sample * 3 * plane));
    }
  }
  return {
    name,
    length,
    read: (index) => {
      requireSampleIndex(index, { name, length });
      const data = pixels.subarray(index * 3 * plane, (index + 1) * 3 * plane);
      return { data, height: side, width: side, channels: 3 };
    },
    sampleName: (index) => String(index),
    labels: { values, classes },
    fingerprint: `${name}:${length}:${await identify(contents)}`,
  };
}

/** Three planes to pixels. */
function interleave(planes: Uint8Array, pixels: Uint8Array): void {
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) pixels[3 * pixel + channel] = planes[channel * plane + pixel] ?? 0;
  }
}

async function readRecords(root: string, file: string, record: number): Promise<Uint8Array> {
  const bytes = await readIn(root, file);
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw corrupt(root, file, `it has ${bytes.length} bytes, which are no whole records of ${record}`);
  }
  return bytes;
}

async function readClasses(root: string, { classNames, classes }: CifarFormat): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await readIn(root, classNames));
  const names = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (names.length !== classes) throw corrupt(root, classNames, `it names ${names.length} classes, not ${classes}`);
  return names;
}

async function readIn(root: string, file: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  try {
    return await readFile(join(root, file));
  } catch (cause) {
    throw new UnlabelError('DATASET_NOT_FOUND', `${join(root, file)} cannot be read.`, {
      fix: `Unpack the binary version of ${citation} and give the folder of its .bin files as \`root\`.`,
      cause,
    });
  }
}

function corrupt(root: string, file: string | undefined, reason: string): UnlabelError {
  return new UnlabelError('DATASET_CORRUPT', `${file} in ${root}: ${reason}.`, { fix: 'Fetch the file again.' });
}
