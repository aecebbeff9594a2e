import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { parquet } from './parquet';

const root = await mkdtemp(join(tmpdir(), 'unlabel-parquet-'));
afterAll(() => rm(root, { recursive: true }));

const png = (grey: number) =>
  sharp({ create: { height: 2, width: 3, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .png()
    .toBuffer();

interface Row {
  readonly image: { readonly bytes: Uint8Array | null; readonly path: string | null };
  readonly label: number;
  readonly caption: string;
}

const rowsOf = (first: number, count: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, at): Promise<Row> => {
      const grey = first + at;
      return { image: { bytes: await png(grey), path: `../${grey}.png` }, label: grey % 2, caption: `grey ${grey}` };
    }),
  );

/** A shard as `datasets` of Hugging Face writes it: a struct column of images, class labels, the features in the metadata. */
async function shard(name: string, rows: readonly Row[], rowGroupSize = 3): Promise<string> {
  const features = {
    image: { _type: 'Image' },
    label: { names: ['even', 'odd'], _type: 'ClassLabel' },
    caption: { dtype: 'string', _type: 'Value' },
  };
  const buffer = parquetWriteBuffer({
    schema: [
      { name: 'schema', num_children: 3 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
      { name: 'caption', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'image', data: rows.map(({ image }) => image) },
      { name: 'label', data: rows.map(({ label }) => BigInt(label)) },
      { name: 'caption', data: rows.map(({ caption }) => caption) },
    ],
    rowGroupSize,
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
  });
  const path = join(root, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, new Uint8Array(buffer));
  return path;
}

describe('parquet', () => {
  test('reads images, labels and their names of all shards of a folder, in any order', async () => {
    await shard('data/train-00001-of-00002.parquet', await rowsOf(10, 4));
    await shard('data/train-00000-of-00002.parquet', await rowsOf(0, 7));
    const dataset = await parquet(join(root, 'data'));
    expect(dataset.length).toBe(11);
    expect(dataset.labels).toEqual({
      values: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1),
      classes: ['even', 'odd'],
    });
    for (const [index, grey] of [
      [9, 12],
      [0, 0],
      [6, 6],
      [7, 10],
      [10, 13],
      [2, 2],
    ] as const) {
      const sample = await dataset.read(index);
      expect(sample).toMatchObject({ height: 2, width: 3, channels: 3 });
      expect(sample.data[0]).toBe(grey);
    }
    expect(dataset.sampleName(8)).toBe('train-00001-of-00002.parquet:1');
    expect(dataset.stretches?.starts).toEqual(Int32Array.of(0, 3, 6, 7, 10));
  });

  test('pairs images with texts, or reads the texts alone', async () => {
    const file = await shard('pairs.parquet', await rowsOf(5, 2));
    const pairs = await parquet(file, { parts: 'pairs' });
    expect(await pairs.read(1)).toMatchObject({ image: { height: 2 }, text: 'grey 6' });
    expect(await (await parquet(file, { parts: 'text' })).read(0)).toEqual({ text: 'grey 5' });
  });

  test('reads row groups once while they fit, and again when they do not', async () => {
    const file = await shard('groups.parquet', await rowsOf(0, 9));
    const wide = await parquet(file);
    const narrow = await parquet(file, { cacheBytes: 0 });
    expect([wide.stretches?.together, narrow.stretches?.together]).toEqual([expect.any(Number), 1]);
    expect(wide.stretches?.together).toBeGreaterThan(1);
    for (const dataset of [wide, narrow]) {
      const samples = await Promise.all([8, 0, 4, 8, 1].map((index) => dataset.read(index)));
      expect(samples.map(({ data }) => data[0])).toEqual([8, 0, 4, 8, 1]);
    }
  });

  test('never opens the path beside the bytes, and skips rows without bytes', async () => {
    const [row] = await rowsOf(1, 1);
    await writeFile(join(root, 'real.png'), await png(7));
    const image = { bytes: null, path: join(root, 'real.png') };
    const file = await shard('paths.parquet', [{ label: 1, caption: 'a', image }, ...(row ? [row] : [])]);
    const dataset = await parquet(file);
    await expect(dataset.read(0)).rejects.toMatchObject({
      code: 'SAMPLE_UNREADABLE',
      message: expect.stringContaining('no bytes of an image'),
    });
    expect((await dataset.read(1)).data[0]).toBe(1);
  });

  test('leaves labels out where some are −1, as in test splits', async () => {
    const rows = (await rowsOf(0, 2)).map((row) => ({ ...row, label: -1 }));
    expect((await parquet(await shard('hidden.parquet', rows))).labels).toBeUndefined();
  });

  test('has a fingerprint of its content', async () => {
    const print = async (name: string, first: number, count = 4) =>
      (await parquet(await shard(`${name}/x.parquet`, await rowsOf(first, count)))).fingerprint;
    expect(await print('one', 0)).toBe(await print('two', 0));
    expect(await print('one', 0)).not.toBe(await print('three', 0, 5));
  });
});

describe('parquet refuses', () => {
  test('a file without a column of images, with the columns that there are', async () => {
    const path = join(root, 'numbers.parquet');
    await writeFile(
      path,
      new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'age', data: [1, 2], type: 'INT32' }] })),
    );
    await expect(parquet(path)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('its columns are age'),
    });
    await expect(parquet(path, { image: 'picture' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    const dataset = await parquet(path, { image: 'age' });
    await expect(dataset.read(0)).rejects.toMatchObject({ code: 'SAMPLE_UNREADABLE' });
  });

  test('what is cut, empty, no Parquet or not there', async () => {
    const whole = await shard('whole.parquet', await rowsOf(0, 3));
    const { readFile } = await import('node:fs/promises');
    const bytes = await readFile(whole);
    for (const [name, content] of [
      ['cut.parquet', bytes.subarray(0, bytes.length / 2)],
      ['empty.parquet', new Uint8Array(0)],
      ['text.parquet', Buffer.from('no parquet at all')],
    ] as const) {
      await writeFile(join(root, name), content);
      await expect(parquet(join(root, name)), name).rejects.toMatchObject({ code: 'DATASET_CORRUPT' });
    }
    await expect(parquet(join(root, 'absent.parquet'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    await mkdir(join(root, 'bare'), { recursive: true });
    await expect(parquet(join(root, 'bare'))).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
  });

  test('damaged row groups sample by sample, and reads the others', async () => {
    const { readFile } = await import('node:fs/promises');
    const bytes = await readFile(await shard('good.parquet', await rowsOf(0, 6)));
    bytes.fill(0xff, 4, 40); // of the first row group
    const path = join(root, 'damaged.parquet');
    await writeFile(path, bytes);
    const dataset = await parquet(path);
    await expect(dataset.read(0)).rejects.toMatchObject({ code: 'SAMPLE_UNREADABLE' });
    expect((await dataset.read(5)).data[0]).toBe(5);
  });
});
