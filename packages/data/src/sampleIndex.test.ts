import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@unlabel/core';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { cached } from './cached';
import { fashionMnist } from './readers/fashionMnist';
import { imageFolder } from './readers/imageFolder';
import { subset } from './subset';

const folder = await mkdtemp(join(tmpdir(), 'unlabel-sample-index-'));
afterAll(() => rm(folder, { recursive: true }));
const pixel = { width: 1, height: 1, channels: 3, background: 'red' } as const;
await sharp({ create: pixel }).png().toFile(join(folder, 'red.png'));

const clothes = await fashionMnist();
const yielding: Dataset = { ...clothes, read: () => clothes.read(0) };

test.each([
  ['fashionMnist', clothes],
  ['imageFolder', await imageFolder(folder)],
  ['subset', subset(yielding, [3, 1])],
  ['cached', cached(yielding)],
])('%s reads its first and last sample, and refuses what lies outside', async (_, dataset) => {
  expect((await dataset.read(0)).data.length).toBeGreaterThan(0);
  expect((await dataset.read(dataset.length - 1)).data.length).toBeGreaterThan(0);
  for (const index of [-1, dataset.length, 0.5, Number.NaN]) {
    await expect((async () => dataset.read(index))()).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`no sample ${index} in`),
    });
  }
});
