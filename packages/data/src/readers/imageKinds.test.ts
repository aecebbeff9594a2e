import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { imageFolder } from './imageFolder';

const root = await mkdtemp(join(tmpdir(), 'unlabel-images-'));
afterAll(() => rm(root, { recursive: true }));
await chmod(root, 0o755);

const plain = (height: number, width: number, [r, g, b]: readonly [number, number, number]): Sharp =>
  sharp({ create: { height, width, channels: 3, background: { r, g, b } } });

/** The only image of a folder of its own. */
async function read(name: string, content: Uint8Array, options: Parameters<typeof imageFolder>[1] = {}) {
  const folder = await mkdtemp(join(root, 'one-'));
  await writeFile(join(folder, name), content);
  const sample = await (await imageFolder(folder, options)).read(0);
  return { ...sample, data: Array.from(sample.data) };
}

function pngChunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(checksum(body));
  return Buffer.concat([length, body, sum]);
}

/** CRC-32, which node:zlib has had since 20.15 only. */
function checksum(bytes: Uint8Array): number {
  if (typeof crc32 === 'function') return crc32(bytes);
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/** A PNG as its specification has it: `depth` bits of `colour` (0 grey, 2 RGB, 3 palette, 4 grey and alpha). */
function png(width: number, height: number, depth: number, colour: number, rows: Uint8Array, palette?: Uint8Array) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    pngChunk('IHDR', header),
    ...(palette ? [pngChunk('PLTE', palette)] : []),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', new Uint8Array(0)),
  ]);
}

describe('an image that is', () => {
  test('a PNG of 16 bits is rounded to eight', async () => {
    const rows = Uint8Array.of(0, 0x00, 0xff, 0x80, 0x00, 0xff, 0xff); // no filter, then three values
    expect((await read('grey.png', png(3, 1, 16, 0, rows), { channels: 1 })).data).toEqual([1, 128, 255]);
  });

  test('a PNG with a palette gets its colours', async () => {
    const palette = Uint8Array.of(10, 20, 30, 200, 100, 50);
    const { data } = await read('palette.png', png(2, 1, 8, 3, Uint8Array.of(0, 1, 0), palette));
    expect(data).toEqual([200, 100, 50, 10, 20, 30]);
  });

  test('grey with transparency lies on white', async () => {
    const rows = Uint8Array.of(0, 100, 255, 100, 0); // opaque, then clear
    expect((await read('alpha.png', png(2, 1, 8, 4, rows))).data).toEqual([100, 100, 100, 255, 255, 255]);
    expect((await read('alpha.png', png(2, 1, 8, 4, rows), { channels: 1 })).data).toEqual([100, 255]);
  });

  test('a JPEG in CMYK becomes RGB', async () => {
    const bytes = await plain(16, 16, [220, 30, 30]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const { data, channels } = await read('print.jpg', bytes);
    expect([channels, data.length]).toEqual([3, 16 * 16 * 3]);
    const [red = 0, green = 255, blue = 255] = data;
    expect(red).toBeGreaterThan(150);
    expect(Math.max(green, blue)).toBeLessThan(110);
  });

  test('animated gives its first frame', async () => {
    const frames = Buffer.concat([
      await plain(4, 5, [250, 0, 0]).raw().toBuffer(),
      await plain(4, 5, [0, 250, 0]).raw().toBuffer(),
    ]);
    const animation = () => sharp(frames, { raw: { height: 8, width: 5, channels: 3, pageHeight: 4 } });
    for (const [name, bytes] of [
      ['moving.gif', await animation().gif().toBuffer()],
      ['moving.webp', await animation().webp({ lossless: true }).toBuffer()],
    ] as const) {
      expect((await sharp(bytes).metadata()).pages, name).toBe(2);
      const { height, width, data } = await read(name, bytes);
      expect([height, width, data.slice(0, 3)]).toEqual([4, 5, [250, 0, 0]]);
    }
  });

  test('one pixel stays one', async () => {
    expect(await read('dot.png', await plain(1, 1, [1, 2, 3]).png().toBuffer())).toEqual({
      height: 1,
      width: 1,
      channels: 3,
      data: [1, 2, 3],
    });
  });

  test('a bomb of 20,000 × 20,000 pixels is refused before it takes memory', async () => {
    const bomb = png(20_000, 20_000, 1, 0, Buffer.alloc(20_000 * 2501));
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    await expect(read('bomb.png', bomb)).rejects.toMatchObject({
      code: 'SAMPLE_UNREADABLE',
      message: expect.stringContaining('has more than 100,000,000 pixels, the limit that maxPixels sets'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20); // 400 MB of pixels
  });

  test('turned by EXIF stands upright', async () => {
    const halves = Buffer.from([255, 0, 0, 0, 0, 255]); // red beside blue
    const bytes = await sharp(halves, { raw: { height: 1, width: 2, channels: 3 } })
      .resize(16, 8, { kernel: 'nearest', fit: 'fill' })
      .withMetadata({ orientation: 8 }) // a quarter to the left
      .png()
      .toBuffer();
    const { height, width, data } = await read('turned.png', bytes);
    expect([height, width, data.slice(0, 3), data.slice(-3)]).toEqual([16, 8, [0, 0, 255], [255, 0, 0]]);
  });
});

describe('a folder', () => {
  const red = plain(2, 2, [255, 0, 0]).png().toBuffer();

  async function folder(name: string, paths: readonly string[]): Promise<string> {
    for (const path of paths) {
      await mkdir(join(root, name, path, '..'), { recursive: true });
      await writeFile(join(root, name, path), await red);
    }
    return join(root, name);
  }
  const namesIn = ({ length, sampleName }: Awaited<ReturnType<typeof imageFolder>>) =>
    Array.from({ length }, (_, index) => sampleName(index));

  test('may have names with spaces and of any script', async () => {
    const dataset = await imageFolder(await folder('names', ['ein Hund/über 1.png', '猫/写真 #1%.png']));
    expect(namesIn(dataset)).toEqual(['ein Hund/über 1.png', '猫/写真 #1%.png']);
    expect((await Promise.all([0, 1].map((index) => dataset.read(index)))).map(({ data }) => data[0])).toEqual([
      255, 255,
    ]);
  });

  test('with links in a circle is listed once', async () => {
    const at = await folder('circle', ['a/1.png', 'b/2.png']);
    await symlink(at, join(at, 'a', 'up'));
    await symlink(join(at, 'b'), join(at, 'a', 'b'));
    await symlink(join(at, 'a'), join(at, 'b', 'a'));
    expect(namesIn(await imageFolder(at))).toEqual(['a/1.png', 'b/2.png']);
  });

  test('is read through links to other folders and files', async () => {
    const elsewhere = await folder('elsewhere', ['deep/3.png']);
    const at = await folder('linking', ['own/1.png']);
    await symlink(join(elsewhere, 'deep'), join(at, 'linked'));
    await symlink(join(elsewhere, 'deep', '3.png'), join(at, 'own', 'file.png'));
    expect(namesIn(await imageFolder(at))).toEqual(['linked/3.png', 'own/1.png', 'own/file.png']);
  });

  test('named like an image is searched, not decoded; neither is a pipe', async () => {
    const at = await folder('misnamed', ['photos.jpg/1.png']);
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(at, 'pipe.png')]);
    expect(namesIn(await imageFolder(at))).toEqual(['photos.jpg/1.png']);
  });

  test('with a file that may not be read gives the others', async () => {
    const at = await folder('closed', ['a.png', 'b.png']);
    await chmod(at, 0o755);
    await chmod(join(at, 'a.png'), 0);
    const dataset = await imageFolder(at);
    await asNobody(async () => {
      await expect(dataset.read(0)).rejects.toMatchObject({ code: 'SAMPLE_UNREADABLE' });
      expect((await dataset.read(1)).data[0]).toBe(255);
    });
  });

  test('with a folder in it that may not be read is refused, with its name', async () => {
    const at = await folder('locked', ['open/a.png', 'shut/b.png']);
    await chmod(join(at, 'shut'), 0);
    await asNobody(() =>
      expect(imageFolder(at)).rejects.toMatchObject({
        code: 'DATASET_NOT_FOUND',
        message: expect.stringContaining('shut'),
      }),
    );
    await chmod(join(at, 'shut'), 0o755);
  });
});

/** The superuser may read everything: does some work as a user who may not. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
