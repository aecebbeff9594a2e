import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { beforeEach, expect, test } from 'vitest';
import { featureEncoder, type NamedFeatures, writeFeatures } from './featureFile';

const rows: NamedFeatures = {
  features: Float32Array.of(0.5, -1, 2, 0.25),
  dim: 2,
  names: ['cat.png', 'dog.png'],
  labels: ['cat', 'dog'],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unlabel-features-'));
});

test('JSON lines hold name, label and features', async () => {
  await writeFeatures(join(folder, 'features.jsonl'), rows);
  const lines = (await readFile(join(folder, 'features.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { name: 'cat.png', label: 'cat', features: [0.5, -1] },
    { name: 'dog.png', label: 'dog', features: [2, 0.25] },
  ]);
});

test('a parquet file reads back as it was written', async () => {
  await writeFeatures(join(folder, 'features.parquet'), rows);
  const bytes = await readFile(join(folder, 'features.parquet'));
  expect(
    await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) }),
  ).toEqual([
    { name: 'cat.png', label: 'cat', features: [0.5, -1] },
    { name: 'dog.png', label: 'dog', features: [2, 0.25] },
  ]);
});

test('data without labels has no label column', async () => {
  const { labels: _, ...unlabelled } = rows;
  await writeFeatures(join(folder, 'features.parquet'), unlabelled);
  const bytes = await readFile(join(folder, 'features.parquet'));
  const [first] = await parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  });
  expect(Object.keys(first ?? {})).toEqual(['name', 'features']);
});

test('nothing but the finished file is left in the folder', async () => {
  await writeFeatures(join(folder, 'features.npy'), rows);
  expect(await readdir(folder)).toEqual(['features.npy']);
});

test('another extension is refused with those that exist', () => {
  expect(() => featureEncoder('features.csv')).toThrow(/\.npy, \.jsonl, \.parquet/);
});
