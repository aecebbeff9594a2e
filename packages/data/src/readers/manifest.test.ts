import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { manifest } from './manifest';
import { numberTable } from './numberTable';

const root = await mkdtemp(join(tmpdir(), 'unlabel-manifest-'));
afterAll(() => rm(root, { recursive: true }));

async function file(path: string, content: string | Uint8Array): Promise<string> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
  return join(root, path);
}

const red = await sharp({ create: { height: 2, width: 2, channels: 3, background: 'red' } })
  .png()
  .toBuffer();
const outside = await file('outside.png', red);
await file('set/images/a 1.png', red);

describe('manifest', () => {
  test('reads CSV with quotes and a byte order mark, paths relative to it, labels', async () => {
    const path = await file(
      'set/a.csv',
      '\ufeffpath,label,caption\r\n"images/a 1.png",cat,"a, ""red"" one"\r\n\r\nimages/none.png,dog,x\r\n',
    );
    const dataset = await manifest(path, { parts: 'pairs' });
    expect(dataset.length).toBe(2);
    expect(await dataset.read(0)).toMatchObject({ image: { height: 2, width: 2 }, text: 'a, "red" one' });
    expect(dataset.labels).toEqual({ values: Int32Array.of(0, 1), classes: ['cat', 'dog'] });
    await expect(dataset.read(1)).rejects.toMatchObject({
      code: 'SAMPLE_UNREADABLE',
      message: expect.stringContaining('images/none.png'),
    });
  });

  test('a blank text is unreadable, so that a loader leaves it out by name', async () => {
    const dataset = await manifest(await file('set/blank.csv', 'path,text\nimages/a 1.png," "\nimages/a 1.png,red\n'), {
      parts: 'text',
    });
    await expect(dataset.read(0)).rejects.toMatchObject({ code: 'SAMPLE_UNREADABLE' });
    expect(await dataset.read(1)).toEqual({ text: 'red' });
  });

  test('reads JSON Lines and TSV, and columns by any name', async () => {
    const json = await file('set/a.jsonl', '{"picture":"images/a 1.png","title":"a"}\n');
    expect(await (await manifest(json, { image: 'picture' })).read(0)).toMatchObject({ height: 2 });
    const tabs = await file('set/a.tsv', 'file_name\ttext\nimages/a 1.png\tred\n');
    expect(await (await manifest(tabs, { parts: 'text' })).read(0)).toEqual({ text: 'red' });
    expect((await manifest(tabs)).sampleName(0)).toBe('images/a 1.png');
  });

  test('follows absolute paths and such that leave its folder: it is its user’s own', async () => {
    const dataset = await manifest(await file('set/far.csv', `path\n../outside.png\n${outside}\n`));
    for (const index of [0, 1]) expect((await dataset.read(index)).data[0]).toBe(255);
  });

  test('skips rows without a path, with an address, or with a folder', async () => {
    const dataset = await manifest(
      await file('set/gaps.csv', 'path,label\n,x\nhttps://example.org/a.png,\nimages,y\n'),
    );
    expect(dataset.labels).toBeUndefined(); // the second row has none
    for (const [index, reason] of ['has no path', 'is an address', 'is not a file'].entries()) {
      await expect(dataset.read(index)).rejects.toMatchObject({
        code: 'SAMPLE_UNREADABLE',
        message: expect.stringContaining(reason),
      });
    }
  });
});

describe('manifest refuses', () => {
  test('columns that are not there, with those that are', async () => {
    const path = await file('set/other.csv', 'x,y\n1,2\n');
    const message = expect.stringContaining('x, y');
    await expect(manifest(path)).rejects.toMatchObject({ code: 'INVALID_OPTION', message });
    for (const options of [{ image: 'z' }, { image: 'x', label: 'z' }]) {
      await expect(manifest(path, options)).rejects.toMatchObject({ code: 'INVALID_OPTION', message });
    }
  });

  test('what is damaged, empty, of another ending or not there', async () => {
    const code = async (name: string, content: string, options = {}) =>
      manifest(await file(`set/${name}`, content), options).then(
        () => 'opened',
        (error) => error.code,
      );
    expect(await code('open.csv', 'path,label\n"a.png,cat\n')).toBe('DATASET_CORRUPT');
    expect(await code('ragged.csv', 'path,label\na.png,cat,dog\n')).toBe('DATASET_CORRUPT');
    expect(await code('bad.jsonl', '{"path":"a.png"}\nnot json\n')).toBe('DATASET_CORRUPT');
    expect(await code('empty.csv', '')).toBe('DATASET_EMPTY');
    expect(await code('header.csv', 'path,label\n')).toBe('DATASET_EMPTY');
    expect(await code('a.xml', '<a/>')).toBe('INVALID_OPTION');
    expect(await code('some.csv', 'path,label\na,b\nc,\n', { label: 'label' })).toBe('LABELS_MISMATCH');
    await expect(manifest(join(root, 'absent.csv'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });
});

describe('numberTable', () => {
  test('reads rows as numbers, with labels by column', async () => {
    const path = await file('t.csv', 'a,b,kind\n1,-2.5e1,x\n 3 ,4,y\n');
    const dataset = await numberTable(path, { label: 'kind' });
    expect(Array.from((await dataset.read(0)).data)).toEqual([1, -25]);
    expect(Array.from((await dataset.read(1)).data)).toEqual([3, 4]);
    expect(dataset.labels).toEqual({ values: Int32Array.of(0, 1), classes: ['x', 'y'] });
    expect(Array.from((await (await numberTable(path, { columns: ['b', 'a'] })).read(0)).data)).toEqual([-25, 1]);
  });

  test('reads tables without a header, and JSON Lines', async () => {
    const bare = await numberTable(await file('bare.csv', '1,2\n3,4\n'), { header: false, columns: ['1'] });
    expect([bare.length, ...(await bare.read(1)).data]).toEqual([2, 4]);
    expect(Array.from((await (await numberTable(await file('t.jsonl', '{"a":1,"b":2}'))).read(0)).data)).toEqual([
      1, 2,
    ]);
  });

  test('skips rows with an empty cell or one that is no number', async () => {
    const dataset = await numberTable(await file('gaps.csv', 'a,b\n1,2\n,3\n4,many\n5,Infinity\n6,7\n'));
    for (const [index, held] of [
      [1, 'nothing'],
      [2, 'many'],
      [3, 'Infinity'],
    ] as const) {
      await expect((async () => dataset.read(index))()).rejects.toMatchObject({
        code: 'SAMPLE_UNREADABLE',
        message: expect.stringContaining(held),
      });
    }
    expect(Array.from((await dataset.read(4)).data)).toEqual([6, 7]);
  });

  test('refuses columns that hold no numbers, and more than fits', async () => {
    const path = await file('cities.csv', 'city,age\nParis,3\n');
    await expect(numberTable(path)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/'Paris' in 'city'.*\[age\]/s),
    });
    await expect(numberTable(path, { columns: ['years'] })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(numberTable(path, { columns: ['age'], maxBytes: 3 })).rejects.toMatchObject({
      code: 'DATASET_TOO_LARGE',
    });
    await expect(numberTable(await file('none.csv', 'a\n'))).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
  });
});
