import type { TextSample } from '@unlabel/core';
import { expect, test } from 'vitest';
import { inMemory } from './inMemory';

const texts = ['a', 'b', 'c'].map((text): TextSample => ({ text }));

async function* arriving<Sample>(samples: readonly Sample[]) {
  for (const sample of samples) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield sample;
  }
}

test('an array and an async iterable of the same samples are the same data set', async () => {
  const array = await inMemory(texts, { modality: 'text' });
  const stream = await inMemory(arriving(texts), { modality: 'text' });
  expect([stream.length, await stream.read(2)]).toEqual([3, { text: 'c' }]);
  expect(stream.fingerprint).toBe(array.fingerprint);
  expect((await inMemory(texts.slice(1), { modality: 'text' })).fingerprint).not.toBe(array.fingerprint);
});

test('an endless iterable ends at the bound', async () => {
  async function* endless() {
    for (;;) yield { data: new Float32Array(1000) };
  }
  await expect(inMemory(endless(), { modality: 'rows', maxBytes: 10_000 })).rejects.toMatchObject({
    code: 'DATASET_TOO_LARGE',
  });
});

test.each([
  ['image', { data: new Uint8Array(3), height: 2, width: 2, channels: 3 }],
  ['image', { text: 'a' }],
  ['series', { data: new Float32Array(3), length: 2, channels: 1 }],
  ['pairs', { text: 'a' }],
  ['text', { data: new Float32Array(3) }],
  ['rows', { text: 'a' }],
] as const)('a sample that is not of modality %s is refused', async (modality, sample) => {
  await expect(inMemory([sample], { modality })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('nothing, and labels of another number, are refused', async () => {
  await expect(inMemory([])).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
  const labels = { values: Int32Array.of(0), classes: ['a'] };
  await expect(inMemory(texts, { modality: 'text', labels })).rejects.toMatchObject({ code: 'LABELS_MISMATCH' });
});
