import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { imageFolder } from './imageFolder';

const root = await mkdtemp(join(tmpdir(), 'unlabel-folder-'));
afterAll(() => rm(root, { recursive: true }));

type Colour = readonly [number, number, number];

const picture = (height: number, width: number, [r, g, b]: Colour) =>
  sharp({ create: { height, width, channels: 3, background: { r, g, b } } });

async function folder(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(root, name, path, '..'), { recursive: true });
    await writeFile(join(root, name, path), bytes);
  }
  return join(root, name);
}

const red = await picture(6, 8, [255, 0, 0]).png().toBuffer();

describe('imageFolder', () => {
  test('reads every format, in subfolders too, sorted by path', async () => {
    const dataset = await imageFolder(
      await folder('formats', {
        'b.webp': await picture(5, 7, [0, 0, 255]).webp({ lossless: true }).toBuffer(),
        'a/z.JPG': await picture(16, 24, [0, 255, 0]).jpeg({ quality: 100 }).toBuffer(),
        'a/b/c.png': red,
        'c.avif': await picture(16, 16, [255, 255, 255]).avif().toBuffer(),
        'notes.txt': 'no image',
      }),
    );
    const names = Array.from({ length: dataset.length }, (_, index) => dataset.sampleName(index));
    expect(names).toEqual(['a/b/c.png', 'a/z.JPG', 'b.webp', 'c.avif']);
    expect(await dataset.read(0)).toMatchObject({ height: 6, width: 8, channels: 3 });
    const [png, jpeg, webp] = await Promise.all([0, 1, 2].map((index) => dataset.read(index)));
    expect(Array.from(png?.data.subarray(0, 3) ?? [])).toEqual([255, 0, 0]);
    expect(jpeg?.data[1]).toBeGreaterThan(250);
    expect(Array.from(webp?.data.subarray(0, 3) ?? [])).toEqual([0, 0, 255]);
    expect(png?.data.length).toBe(6 * 8 * 3);
  });

  test('labels images by their topmost folder, if all lie in one', async () => {
    const files = { 'dog/1.png': red, 'cat/old/2.png': red, 'cat/3.png': red };
    expect((await imageFolder(await folder('labelled', files))).labels).toEqual({
      values: Int32Array.of(0, 0, 1),
      classes: ['cat', 'dog'],
    });
    expect((await imageFolder(await folder('mixed', { ...files, '4.png': red }))).labels).toBeUndefined();
  });

  test('gives grey when asked to, turns by EXIF, puts transparency on white and 16 bits on 8', async () => {
    const at = await folder('kinds', {
      'exif.jpg': await picture(8, 16, [0, 0, 0]).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
      'deep.png': await picture(2, 2, [255, 255, 255]).toColourspace('rgb16').png().toBuffer(),
      'clear.png': await sharp({
        create: { height: 2, width: 2, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
      })
        .png()
        .toBuffer(),
    });
    const dataset = await imageFolder(at, { channels: 1 });
    expect(await dataset.read(0)).toMatchObject({
      height: 2,
      width: 2,
      channels: 1,
      data: Buffer.from([255, 255, 255, 255]),
    });
    expect(await dataset.read(1)).toMatchObject({ data: Buffer.from([255, 255, 255, 255]) });
    expect(await dataset.read(2)).toMatchObject({ height: 16, width: 8 });
  });

  test('shrinks large images to maxSide, and never enlarges', async () => {
    const at = await folder('large', {
      'big.png': await picture(100, 1000, [1, 2, 3]).png().toBuffer(),
      'small.png': red,
    });
    const dataset = await imageFolder(at, { maxSide: 50 });
    expect(await dataset.read(0)).toMatchObject({ height: 5, width: 50 });
    expect(await dataset.read(1)).toMatchObject({ height: 6, width: 8 });
  });

  test('has a fingerprint of names, sizes and decoding', async () => {
    const print = async (name: string, files: Readonly<Record<string, Uint8Array>>, maxSide = 10) =>
      (await imageFolder(await folder(name, files), { maxSide })).fingerprint;
    const first = await print('print1', { 'a.png': red });
    expect(await print('print2', { 'a.png': red })).toBe(first);
    expect(await print('print3', { 'b.png': red })).not.toBe(first);
    expect(await print('print4', { 'a.png': Buffer.concat([red, red]) })).not.toBe(first);
    expect(await print('print1', { 'a.png': red }, 20)).not.toBe(first);
  });
});

describe('imageFolder refuses', () => {
  test('a folder that is not there, and a file', async () => {
    await expect(imageFolder(join(root, 'absent'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    await expect(imageFolder(join(await folder('file', { 'a.png': red }), 'a.png'))).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
    });
  });

  test('a folder without images', async () => {
    await expect(imageFolder(await folder('bare', { 'a.txt': 'text' }))).rejects.toMatchObject({
      code: 'DATASET_EMPTY',
    });
  });

  test('a size that is no number of pixels', async () => {
    await expect(imageFolder(root, { maxSide: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

test('an unreadable image fails when it is read, with its name', async () => {
  const noise = Buffer.from(Array.from({ length: 3 * 64 * 64 }, (_, at) => (at * 7919) % 251));
  const jpeg = await sharp(noise, { raw: { height: 64, width: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
  const png = await sharp(noise, { raw: { height: 64, width: 64, channels: 3 } })
    .png()
    .toBuffer();
  const at = await folder('damaged', {
    'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
    'cut.png': png.subarray(0, png.length / 2),
    'huge.png': await picture(100, 101, [0, 0, 0]).png().toBuffer(),
    'empty.png': '',
    'text.webp': 'not an image',
  });
  await symlink(join(at, 'absent'), join(at, 'dangling.png'));
  await cp(join(at, 'cut.png'), join(at, 'cut again.png'));
  const dataset = await imageFolder(at, { maxPixels: 10_000 });
  expect(dataset.length).toBe(7);
  for (let index = 0; index < dataset.length; index++) {
    const read = Promise.resolve(dataset.read(index));
    await expect(read, dataset.sampleName(index)).rejects.toMatchObject({
      code: 'SAMPLE_UNREADABLE',
      message: expect.stringContaining(dataset.sampleName(index)),
    });
  }
});
