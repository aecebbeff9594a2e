import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { Header, Pax } from 'tar';
import { afterAll, describe, expect, test } from 'vitest';
import { webDataset } from './webDataset';

const root = await mkdtemp(join(tmpdir(), 'unlabel-webdataset-'));
afterAll(() => rm(root, { recursive: true }));

const png = (grey: number) =>
  sharp({ create: { height: 2, width: 3, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .png()
    .toBuffer();

type Member = readonly [path: string, content: Uint8Array | string];

/** A member as tar writes it: a header, the bytes, zeros up to a whole block. Long names get a pax header. */
function member([path, content]: Member): Uint8Array {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  const data = { path, size: bytes.length, mode: 0o644, type: 'File' } as const;
  const needsPax = new Header(data).encode(header);
  const parts = [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  return Buffer.concat(needsPax ? [new Pax(data).encode(), ...parts] : parts);
}

async function tarFile(name: string, members: readonly Member[]): Promise<string> {
  const path = join(root, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, Buffer.concat([...members.map(member), Buffer.alloc(1024)]));
  return path;
}

async function greys(first: number, count: number): Promise<readonly Member[]> {
  const samples = Array.from({ length: count }, async (_, at): Promise<readonly Member[]> => {
    const grey = first + at;
    return [
      [`train/${grey}.png`, await png(grey)],
      [`train/${grey}.txt`, `grey ${grey}`],
      [`train/${grey}.json`, JSON.stringify({ caption: `json ${grey}` })],
      [`train/${grey}.cls`, String(grey % 3)],
    ];
  });
  return (await Promise.all(samples)).flat();
}

describe('webDataset', () => {
  test('groups members by key, over the shards of a folder, and reads them in any order', async () => {
    await tarFile('shards/b-001.tar', await greys(10, 3));
    await tarFile('shards/a-000.tar', await greys(0, 4));
    const dataset = await webDataset(join(root, 'shards'));
    expect(dataset.length).toBe(7);
    expect(dataset.labels).toEqual({ values: Int32Array.of(0, 1, 2, 0, 1, 2, 0), classes: ['0', '1', '2'] });
    const samples = await Promise.all([6, 0, 4].map((index) => dataset.read(index)));
    expect(samples.map(({ data }) => data[0])).toEqual([12, 0, 10]);
    expect(dataset.sampleName(5)).toBe('b-001.tar:train/11');
  });

  test('pairs images with texts of .txt or .json, or reads the texts alone', async () => {
    const file = await tarFile('pairs.tar', await greys(5, 2));
    expect(await (await webDataset(file, { parts: 'pairs' })).read(1)).toMatchObject({
      image: { height: 2, width: 3 },
      text: 'grey 6',
    });
    const json = await webDataset(file, { parts: 'text', text: 'json' });
    expect(await json.read(0)).toEqual({ text: 'json 5' });
    const other = await webDataset(file, { parts: 'text', text: 'json', textField: 'title' });
    await expect(other.read(0)).rejects.toMatchObject({
      code: 'SAMPLE_UNREADABLE',
      message: expect.stringContaining('its fields are caption'),
    });
  });

  test('understands names of any length and script, folders with dots, and members beyond the window', async () => {
    const long = `${'深い/'.repeat(60)}наука`;
    const noise = Buffer.from(Array.from({ length: 3 * 200 * 200 }, (_, at) => (at * 7919) % 251));
    const large = await sharp(noise, { raw: { height: 200, width: 200, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    const dataset = await webDataset(
      await tarFile('names.tar', [
        [`${long}.png`, await png(1)],
        ['v1.0/large.png', large],
        ['v1.0/with space.PNG', await png(3)],
        ['README', 'not a sample'],
      ]),
    );
    expect(Array.from({ length: 3 }, (_, index) => dataset.sampleName(index))).toEqual([
      `names.tar:${long}`,
      'names.tar:v1.0/large',
      'names.tar:v1.0/with space',
    ]);
    expect((await dataset.read(0)).data[0]).toBe(1);
    expect((await dataset.read(1)).height).toBe(200);
    expect((await dataset.read(2)).data[0]).toBe(3);
    expect(dataset.labels).toBeUndefined();
  });

  test('reads members whose names would leave the archive like any other: they never become files', async () => {
    const dataset = await webDataset(await tarFile('escape.tar', [['../../etc/passwd.png', await png(9)]]));
    expect((await dataset.read(0)).data[0]).toBe(9);
    expect(dataset.sampleName(0)).toBe('escape.tar:../../etc/passwd');
  });

  test('names the sample whose image is damaged or empty', async () => {
    const dataset = await webDataset(
      await tarFile('damaged.tar', [
        ['a.png', 'no image'],
        ['b.png', ''],
      ]),
    );
    for (const [index, key] of ['a', 'b'].entries()) {
      await expect(dataset.read(index)).rejects.toMatchObject({
        code: 'SAMPLE_UNREADABLE',
        message: expect.stringContaining(`damaged.tar:${key}`),
      });
    }
  });

  test('reads archives that end without the two empty blocks', async () => {
    const path = join(root, 'unended.tar');
    await writeFile(path, member(['a.png', await png(4)]));
    expect((await (await webDataset(path)).read(0)).data[0]).toBe(4);
  });
});

describe('webDataset refuses', () => {
  test('an archive that is cut in a member or in a header', async () => {
    const whole = await readFile(await tarFile('whole.tar', await greys(0, 3)));
    for (const length of [whole.length - 1024 - 512, 512 + 30, 1024 + 100]) {
      await writeFile(join(root, 'cut.tar'), whole.subarray(0, length));
      await expect(webDataset(join(root, 'cut.tar'))).rejects.toMatchObject({
        code: 'DATASET_CORRUPT',
        message: expect.stringContaining('it ends in the middle of'),
      });
    }
  });

  test('an archive that is gzipped, is none, is empty, holds no images, or is not there', async () => {
    const whole = await readFile(await tarFile('plain.tar', await greys(0, 1)));
    const code = async (name: string, content: Uint8Array | string) => {
      await writeFile(join(root, name), content);
      return webDataset(join(root, name)).then(
        () => 'opened',
        (error) => error.code,
      );
    };
    expect(await code('packed.tar', gzipSync(whole))).toBe('DATASET_CORRUPT');
    expect(await code('text.tar', 'no tar'.repeat(200))).toBe('DATASET_CORRUPT');
    expect(await code('noise.tar', Buffer.alloc(1024, 0xff))).toBe('DATASET_CORRUPT');
    expect(await code('empty.tar', '')).toBe('DATASET_EMPTY');
    expect(await code('texts.tar', Buffer.concat([member(['a.txt', 'a']), Buffer.alloc(1024)]))).toBe('DATASET_EMPTY');
    await expect(webDataset(join(root, 'absent.tar'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });
});
