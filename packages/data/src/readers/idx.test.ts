import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Dataset } from '@unlabel/core';
import { afterAll, describe, expect, test } from 'vitest';
import { fashionMnist } from './fashionMnist';
import { idxImages } from './idx';

const folder = await mkdtemp(join(tmpdir(), 'unlabel-idx-'));
afterAll(() => rm(folder, { recursive: true }));

/** Writes an IDX file: magic number, extents, values. */
async function write(
  name: string,
  magic: number,
  extents: readonly number[],
  values: readonly number[],
): Promise<string> {
  const bytes = Buffer.alloc(4 + 4 * extents.length + values.length);
  for (const [at, word] of [magic, ...extents].entries()) bytes.writeUInt32BE(word, 4 * at);
  bytes.set(values, 4 + 4 * extents.length);
  const path = join(folder, name);
  await writeFile(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return path;
}

async function sampleOf(dataset: Dataset, index: number) {
  const { data, ...rest } = await dataset.read(index);
  return { ...rest, data: Array.from(data) };
}

const images = await write('images', 0x803, [2, 1, 3], [1, 2, 3, 4, 5, 6]);
const labels = await write('labels.gz', 0x801, [2], [1, 0]);

describe('idxImages', () => {
  test('reads images and labels, gzipped or plain', async () => {
    const packed = await write('images.gz', 0x803, [2, 1, 3], [1, 2, 3, 4, 5, 6]);
    for (const source of [images, packed, new URL(`file://${packed}`)]) {
      const dataset = await idxImages({ images: source, labels });
      expect(dataset.length).toBe(2);
      expect(await sampleOf(dataset, 1)).toEqual({ height: 1, width: 3, channels: 1, data: [4, 5, 6] });
      expect(dataset.labels).toEqual({ values: Int32Array.of(1, 0), classes: ['0', '1'] });
    }
  });

  test('has a fingerprint of its pixels', async () => {
    const other = await write('other', 0x803, [2, 1, 3], [1, 2, 3, 4, 5, 7]);
    const prints = await Promise.all(
      [images, images, other].map(async (source) => (await idxImages({ images: source })).fingerprint),
    );
    expect(prints[0]).toBe(prints[1]);
    expect(prints[0]).not.toBe(prints[2]);
  });

  test('leaves labels out unless there is a file of them', async () => {
    expect((await idxImages({ images })).labels).toBeUndefined();
  });
});

describe('idxImages refuses', () => {
  const refused = (options: Parameters<typeof idxImages>[0], code: string) =>
    expect(idxImages(options)).rejects.toMatchObject({ code });

  test('a file that is not there', () => refused({ images: join(folder, 'absent') }, 'DATASET_NOT_FOUND'));
  test('labels in place of images', () => refused({ images: labels }, 'DATASET_CORRUPT'));
  test('an empty file', async () => {
    await writeFile(join(folder, 'empty'), '');
    await refused({ images: join(folder, 'empty') }, 'DATASET_CORRUPT');
  });
  test('fewer pixels than the header says, and more', async () => {
    await refused({ images: await write('short', 0x803, [2, 1, 3], [1, 2, 3, 4, 5]) }, 'DATASET_CORRUPT');
    await refused({ images: await write('long', 0x803, [2, 1, 3], [1, 2, 3, 4, 5, 6, 7]) }, 'DATASET_CORRUPT');
  });
  test('a gzip stream that is cut short', async () => {
    const whole = gzipSync(Buffer.alloc(10_000, 'pixels'));
    await writeFile(join(folder, 'cut.gz'), whole.subarray(0, whole.length - 20));
    await refused({ images: join(folder, 'cut.gz') }, 'DATASET_CORRUPT');
  });
  test('more than the header says, before all of it is unpacked', async () => {
    const bomb = gzipSync(Buffer.concat([await readFile(images), Buffer.alloc(2 ** 28)]), { level: 1 });
    await writeFile(join(folder, 'bomb.gz'), bomb);
    const before = process.memoryUsage().arrayBuffers;
    await refused({ images: join(folder, 'bomb.gz') }, 'DATASET_CORRUPT');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });
  test('a header that claims more than memory holds', async () => {
    const extents = [0xffffffff, 0xffffffff, 0xffffffff];
    await refused({ images: await write('vast', 0x803, extents, [1, 2, 3]) }, 'DATASET_CORRUPT');
    await refused({ images: await write('vast.gz', 0x803, extents, [1, 2, 3]) }, 'DATASET_CORRUPT');
  });
  test('no images', async () => refused({ images: await write('none', 0x803, [0, 1, 3], []) }, 'DATASET_EMPTY'));
  test('a label file of another length', async () => {
    await refused({ images, labels: await write('more', 0x801, [3], [0, 1, 0]) }, 'LABELS_MISMATCH');
  });
  test('a label without a name', () => refused({ images, labels, classes: ['only'] }, 'LABELS_MISMATCH'));
});

describe('fashionMnist', () => {
  test('reads the 10,000 images that come with the package', async () => {
    const dataset = await fashionMnist();
    expect([dataset.name, dataset.length, dataset.labels?.classes.length]).toEqual(['fashion-mnist-10k', 10_000, 10]);
    const boot = await sampleOf(dataset, 0);
    expect([boot.height, boot.width, dataset.labels?.classes[dataset.labels.values[0] ?? -1]]).toEqual([
      28,
      28,
      'Ankle boot',
    ]);
    expect(boot.data.reduce((sum, value) => sum + value)).toBe(33456);
  });

  test('says how to install the 60,000 where they are not', async () => {
    await expect(fashionMnist({ split: 'train', root: folder })).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      fix: expect.stringContaining('apt install dataset-fashion-mnist'),
    });
  });

  test('reads the training files of a folder', async () => {
    await write('train-images-idx3-ubyte.gz', 0x803, [2, 1, 3], [1, 2, 3, 4, 5, 6]);
    await write('train-labels-idx1-ubyte.gz', 0x801, [2], [9, 0]);
    const dataset = await fashionMnist({ split: 'train', root: folder });
    expect([dataset.name, dataset.length, dataset.labels?.values[0]]).toEqual(['fashion-mnist-60k', 2, 9]);
  });
});
