import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import * as exported from './index';

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual(['classNames', 'imagesUrl', 'labelsUrl']);
});

test('ships 10,000 images of 28 × 28', async () => {
  const bytes = gunzipSync(await readFile(exported.imagesUrl));
  expect([0, 4, 8, 12].map((at) => bytes.readUInt32BE(at))).toEqual([0x803, 10_000, 28, 28]);
  expect(bytes.length).toBe(16 + 10_000 * 28 * 28);
});

test('ships a thousand labels of each of the ten classes', async () => {
  const bytes = gunzipSync(await readFile(exported.labelsUrl));
  const counts = exported.classNames.map((_, label) => bytes.subarray(8).filter((value) => value === label).length);
  expect(counts).toEqual(Array(10).fill(1000));
});
