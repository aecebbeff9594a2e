import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry, UnlabelError } from '@unlabel/core';
import { plugin } from '@unlabel/data';
import { afterAll, expect, test } from 'vitest';
import { datasetByName } from './datasetByName';

const root = await mkdtemp(join(tmpdir(), 'unlabel-by-name-'));
afterAll(() => rm(root, { recursive: true }));
const registry = createRegistry([plugin]);

async function file(path: string): Promise<string> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), '');
  return join(root, path);
}

test.each([
  ['a.parquet', 'parquet', 'source'],
  ['a.TAR', 'webdataset', 'source'],
  ['a.csv', 'manifest', 'file'],
  ['a.tsv', 'manifest', 'file'],
  ['a.jsonl', 'manifest', 'file'],
  ['a.txt', 'text-lines', 'file'],
])('%s is a data set of kind %s', async (name, kind, option) => {
  const path = await file(name);
  expect(datasetByName(registry, path)).toEqual({ name: kind, [option]: path });
  expect(registry.find('dataset', kind).options.safeParse({ [option]: path }).success).toBe(true);
});

test('a folder holds images, unless there are shards in it', async () => {
  await file('images/cat/1.jpg');
  await file('shards/0.tar');
  await file('hub/0.parquet');
  const found = ['images', 'shards', 'hub'].map((folder) => datasetByName(registry, join(root, folder)));
  expect(found).toEqual([
    { name: 'image-folder', root: join(root, 'images') },
    { name: 'webdataset', source: join(root, 'shards') },
    { name: 'parquet', source: join(root, 'hub') },
  ]);
});

test('names are those of the registry', () => {
  expect(datasetByName(registry, 'fashion-mnist')).toBe('fashion-mnist');
  expect(datasetByName(registry, 'fashion-mnist-60k')).toEqual({ name: 'fashion-mnist', split: 'train' });
});

test('what is not there, and files of another kind, are refused', async () => {
  const codeOf = (word: string) => {
    try {
      return datasetByName(registry, word);
    } catch (error) {
      return UnlabelError.is(error) ? error.code : error;
    }
  };
  expect(codeOf('./absent')).toBe('DATASET_NOT_FOUND');
  expect(codeOf('absent.parquet')).toBe('DATASET_NOT_FOUND');
  expect(codeOf('fashion-mnits')).toBe('UNKNOWN_NAME');
  expect(codeOf(await file('a.zip'))).toBe('INVALID_OPTION');
});
