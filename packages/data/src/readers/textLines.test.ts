import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { textLines } from './textLines';

const root = await mkdtemp(join(tmpdir(), 'unlabel-lines-'));
afterAll(() => rm(root, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(root, name), content);
  return join(root, name);
}

const allOf = async (dataset: Awaited<ReturnType<typeof textLines>>) =>
  Promise.all(Array.from({ length: dataset.length }, async (_, index) => (await dataset.read(index)).text));

describe('textLines', () => {
  test('gives lines that are not blank, whatever ends them, with their numbers', async () => {
    const dataset = await textLines(await file('a.txt', '\ufeffone\r\n\n  \t\ntwo “ü”\u2028猫\n\r\nthree'));
    expect(await allOf(dataset)).toEqual(['one', 'two “ü”\u2028猫', 'three']);
    expect([0, 1, 2].map((index) => dataset.sampleName(index).split(':').at(-1))).toEqual(['1', '4', '6']);
    expect(dataset.labels).toBeUndefined();
  });

  test('finds lines across the pieces in which a file comes', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at} ${'ä'.repeat(at % 37)}`);
    const dataset = await textLines(await file('long.txt', lines.join('\n')));
    expect(dataset.length).toBe(lines.length);
    for (const index of [0, 6553, 6554, 13_107, 19_999]) expect((await dataset.read(index)).text).toBe(lines[index]);
  });

  test('reads a field of JSON Lines, and labels if asked', async () => {
    const path = await file('a.jsonl', '{"text":"good","mood":1}\n{"text":"bad","mood":0}\n');
    const dataset = await textLines(path, { field: 'text', label: 'mood' });
    expect(await allOf(dataset)).toEqual(['good', 'bad']);
    expect(dataset.labels).toEqual({ values: Int32Array.of(1, 0), classes: ['0', '1'] });
    expect((await textLines(path, { field: 'text' })).labels).toBeUndefined();
  });

  test('has a fingerprint of its bytes', async () => {
    const print = async (content: string) => (await textLines(await file('print.txt', content))).fingerprint;
    expect(await print('a\nb')).toBe(await print('a\nb'));
    expect(await print('a\nb')).not.toBe(await print('a\nc'));
  });

  test('names lines that are not UTF-8, no JSON, no object, or lack the field', async () => {
    const latin = await textLines(await file('latin.txt', Buffer.from('caf\xe9\nfine', 'latin1')));
    await expect(latin.read(0)).rejects.toMatchObject({
      code: 'SAMPLE_UNREADABLE',
      message: expect.stringContaining('latin.txt:1'),
    });
    expect((await latin.read(1)).text).toBe('fine');
    const json = await textLines(await file('bad.jsonl', '{"text":\n[1]\n{"body":"x"}\n{"text":3}'), { field: 'text' });
    for (const index of [0, 1, 2, 3]) {
      await expect(json.read(index)).rejects.toMatchObject({
        code: 'SAMPLE_UNREADABLE',
        message: expect.stringContaining(`bad.jsonl:${index + 1}`),
      });
    }
  });

  test('notices a file that has become shorter', async () => {
    const path = await file('shrinking.txt', 'one\ntwo\nthree');
    const dataset = await textLines(path);
    await writeFile(path, 'one');
    await expect(dataset.read(2)).rejects.toMatchObject({ code: 'SAMPLE_UNREADABLE' });
  });
});

describe('textLines refuses', () => {
  test('files that are not there, folders, and files of blank lines', async () => {
    await expect(textLines(join(root, 'absent.txt'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    await expect(textLines(root)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    await expect(textLines(await file('blank.txt', '\n \n\t\n'))).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
    await expect(textLines(await file('empty.txt', ''))).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
  });

  test('labels of plain text, and lines without a label', async () => {
    const path = await file('some.jsonl', '{"text":"a","mood":1}\n{"text":"b"}');
    await expect(textLines(path, { label: 'mood' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(textLines(path, { field: 'text', label: 'mood' })).rejects.toMatchObject({ code: 'LABELS_MISMATCH' });
  });
});
