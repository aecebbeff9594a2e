import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusalOf } from '@unlabel/testkit';
import { assert, property, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byteTokenizer } from './byteTokenizer';
import { huggingFaceTokenizer } from './huggingFaceTokenizer';
import { countWords, wordTokenizer } from './wordTokenizer';

describe('byteTokenizer', () => {
  test('has a token for each byte, after the special ones', () => {
    const { encode, size, special } = byteTokenizer();
    expect(encode('Aé')).toEqual([65 + 5, 0xc3 + 5, 0xa9 + 5]);
    expect(size).toBe(261);
    expect(Object.values(special)).toEqual([0, 1, 2, 3, 4]);
  });

  test('gives every text back, special tokens left out', () => {
    assert(
      property(string({ unit: 'grapheme' }), (text) => {
        const { encode, decode } = byteTokenizer();
        expect(decode([2, ...encode(text), 3, 0, 0])).toBe(text);
      }),
    );
  });
});

const textsOf = (...texts: string[]) => ({
  name: 'texts',
  length: texts.length,
  read: (index: number) => ({ text: texts[index] ?? '' }),
});

describe('wordTokenizer', () => {
  test('counts words in lower case, the most frequent first, then by code point', async () => {
    const texts = textsOf('The cat, the DOG', 'a cat; the dog: 12', 'zebra');
    expect(await countWords(texts, { least: 1 })).toEqual(['the', 'cat', 'dog', ',', '12', ':', ';', 'a', 'zebra']);
    expect(await countWords(texts)).toEqual(['the', 'cat', 'dog']);
    expect(await countWords(texts, { size: 1 })).toEqual(['the']);
  });

  test('encodes what it knows, and says what it does not', () => {
    const { encode, decode, size } = wordTokenizer({ words: ['the', 'cat', ','] });
    expect(encode('The CAT, the  dog')).toEqual([5, 6, 7, 5, 1]);
    expect(decode([2, 5, 6, 1, 3, 0])).toBe('the cat �');
    expect(size).toBe(8);
  });

  test('keeps accents with their letters, however they are written', () => {
    const { encode } = wordTokenizer({ words: ['é'.normalize('NFC')] });
    expect(encode('E\u0301 é')).toEqual([5, 5]);
  });

  test('refuses vocabularies that are empty or name a word twice, and texts without a word', async () => {
    expect(refusalOf(() => wordTokenizer({ words: [] }))).toBe('INVALID_OPTION');
    expect(refusalOf(() => wordTokenizer({ words: ['a', 'a'] }))).toBe('INVALID_OPTION');
    await expect(countWords(textsOf('once'))).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
    await expect(countWords(textsOf('a a'), { size: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('huggingFaceTokenizer', () => {
  const names = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const wordPieces = (special = names) => ({
    version: '1.0',
    added_tokens: special.map((content, id) => ({ id, content, special: true, normalized: false })),
    normalizer: { type: 'BertNormalizer', clean_text: true, lowercase: true, strip_accents: null },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: special[1],
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([...special, 'the', 'cat', '##s', 'sat'].map((token, id) => [token, id])),
    },
  });
  let folder = '';
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unlabel-tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('splits words as the file says, and finds the special tokens', async () => {
    const tokenizer = await huggingFaceTokenizer({ source: await file('bert.json', JSON.stringify(wordPieces())) });
    expect(tokenizer.encode('The cats sat oddly')).toEqual([5, 6, 7, 8, 1]);
    expect(tokenizer.special).toEqual({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
    expect(tokenizer.size).toBe(9);
    expect(tokenizer.decode([2, 5, 6, 7, 3, 0])).toBe('the cats');
    expect(tokenizer.decode([0])).toBe('');
  });

  test('is rebuilt from the same file, and refuses another under its name', async () => {
    const path = await file('changed.json', JSON.stringify(wordPieces()));
    const { portable } = await huggingFaceTokenizer({ source: path });
    expect(portable?.options).toMatchObject({ source: path, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const again = (): Promise<unknown> =>
      huggingFaceTokenizer({ source: path, sha256: JSON.parse(JSON.stringify(portable?.options)).sha256 });
    await expect(again()).resolves.toBeDefined();
    await writeFile(path, `${JSON.stringify(wordPieces())} `);
    await expect(again()).rejects.toMatchObject({ code: 'TOKENIZER_INVALID' });
  });

  test('takes parsed content, which no thread can rebuild, and names of special tokens', async () => {
    const odd = wordPieces(['<blank>', '[UNK]', '[CLS]', '[SEP]', '<mask>']);
    await expect(huggingFaceTokenizer({ source: odd })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    const tokenizer = await huggingFaceTokenizer({ source: odd, special: { pad: '<blank>' } });
    expect(tokenizer.special).toEqual({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
    expect(tokenizer.portable).toBeUndefined();
    const wrong = huggingFaceTokenizer({ source: wordPieces(), special: { mask: '[HIDDEN]' } });
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test('refuses files that are missing, no JSON, or no tokenizer', async () => {
    for (const source of [
      join(folder, 'absent.json'),
      folder,
      await file('half.json', '{ "model"'),
      await file('empty.json', '{}'),
      await file('number.json', '7'),
      {},
    ]) {
      await expect(huggingFaceTokenizer({ source })).rejects.toMatchObject({ code: 'TOKENIZER_INVALID' });
    }
  });
});
