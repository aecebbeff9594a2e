import { createRegistry } from '@unlabel/core';
import { expect, test } from 'vitest';
import * as exported from './index';
import { plugin } from './plugin';

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'cached',
    'cifar10',
    'cifar100',
    'fashionMnist',
    'idxImages',
    'imageFiles',
    'imageFolder',
    'inMemory',
    'loader',
    'manifest',
    'numberTable',
    'parquet',
    'plugin',
    'split',
    'subset',
    'textLines',
    'wavFolder',
    'webDataset',
  ]);
});

test('makes datasets by name', async () => {
  const registry = createRegistry([plugin]);
  expect((await registry.dataset('fashion-mnist')).length).toBe(10_000);
  await expect(registry.dataset('idx', { images: 'absent.gz' })).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  await expect(registry.dataset('image-folder', { root: 'absent' })).rejects.toMatchObject({
    code: 'DATASET_NOT_FOUND',
  });
});

test.each(plugin.definitions)('refuses options of $name that it does not know', async ({ name }) => {
  const made = createRegistry([plugin]).make('dataset', name, { folder: 'here' });
  await expect(made).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});
