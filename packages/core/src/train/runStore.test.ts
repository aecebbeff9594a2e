import { existsSync } from 'node:fs';
import { mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderStore } from './runStore';

const bytes = (text: string) => new TextEncoder().encode(text);
const temporary = () => mkdtemp(join(tmpdir(), 'unlabel-store-'));

test('writes into new folders, replaces, appends, lists and removes', async () => {
  const root = await temporary();
  const store = folderStore(join(root, 'a', 'run'));
  expect(await store.read('checkpoints/one')).toBeUndefined();
  expect(await store.list('checkpoints')).toEqual([]);
  await store.write('checkpoints/two', bytes('old'));
  await store.write('checkpoints/two', bytes('new'));
  await store.write('checkpoints/one', bytes(''));
  await store.append('log', bytes('a'));
  await store.append('log', bytes('b'));
  expect(await store.list('checkpoints')).toEqual(['one', 'two']);
  expect(new TextDecoder().decode(await store.read('checkpoints/two'))).toBe('new');
  expect(new TextDecoder().decode(await store.read('log'))).toBe('ab');
  await store.remove('checkpoints/one');
  expect(await store.list('checkpoints')).toEqual(['two']);
});

test.runIf(existsSync('/dev/full'))('a write that fails leaves the old bytes and no partial file', async () => {
  const root = await temporary();
  const store = folderStore(root);
  await store.write('weights', bytes('whole'));
  await symlink('/dev/full', join(root, 'weights.partial')); // every write to it fails with ENOSPC, as on a full disk
  await expect(store.write('weights', bytes('cut off'))).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(new TextDecoder().decode(await store.read('weights'))).toBe('whole');
  expect(await readdir(root)).toEqual(['weights']);
});

test('leftovers of a crash are not listed and do not stop the next write', async () => {
  const root = await temporary();
  const store = folderStore(root);
  await writeFile(join(root, 'weights.partial'), 'half');
  expect(await store.list('.')).toEqual([]);
  await store.write('weights', bytes('whole'));
  expect(await store.list('.')).toEqual(['weights']);
});

test('a place that cannot be a folder is refused by name', async () => {
  const root = await temporary();
  await writeFile(join(root, 'file'), '');
  const store = folderStore(join(root, 'file'));
  const refusal = { code: 'RUN_FOLDER_INVALID' };
  await expect(store.write('weights', bytes('x'))).rejects.toMatchObject(refusal);
  await expect(store.append('weights', bytes('x'))).rejects.toMatchObject(refusal);
  await expect(store.read('weights')).rejects.toMatchObject(refusal);
  await expect(store.list('checkpoints')).rejects.toMatchObject(refusal);
});
