import { findChromium, inChromium } from '@unlabel/testkit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { imageFiles } from './imageFiles';

const withChromium = test.skipIf((await findChromium()) === undefined);

withChromium('a page decodes what it is given, keeps proportions, and refuses what is no image', async () => {
  const page = `${import.meta.dirname}/imageFilesFixture.ts`;
  expect(await inChromium<typeof import('./imageFilesFixture')>(page, { input: undefined })).toEqual([
    ['cold', 'warm'],
    ['cold/high.webp', 'warm/broken.jpg', 'warm/wide.png'],
    [6, 3, 255, 255, 255],
    'SAMPLE_UNREADABLE',
    [5, 10, 200, 100, 0],
    [20, 40, 114, 114, 114], // 0.2126 · 200 + 0.7152 · 100
    'huge.png: has more than 100', // million pixels, and is not decoded
  ]);
});

test('Node reads the same, and other sizes of files are other data', async () => {
  const png = await sharp({ create: { height: 6, width: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const file = { path: 'a.png', blob: new Blob([new Uint8Array(png)]) };
  const dataset = await imageFiles([file, { path: 'b.png', blob: new Blob(['none']) }]);
  expect(await dataset.read(0)).toMatchObject({ height: 6, width: 8, channels: 3 });
  await expect(dataset.read(1)).rejects.toMatchObject({ code: 'SAMPLE_UNREADABLE' });
  expect(dataset.labels).toBeUndefined();
  const other = await imageFiles([file, { path: 'b.png', blob: new Blob(['none at all']) }]);
  expect(other.fingerprint).not.toBe(dataset.fingerprint);
});

test('no files are refused', async () => {
  await expect(imageFiles([])).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
});
