import { expect, test } from 'vitest';
import { receivedSamples, sentSamples } from './sentSamples';

const memory = new SharedArrayBuffer(64);
const bytes = (offset: number, length: number) => new Uint8Array(memory, offset, length);
bytes(0, 64).set(Array.from({ length: 64 }, (_, at) => at));
const grey = { data: bytes(3, 6), height: 2, width: 3, channels: 1 } as const;
const colour = { data: bytes(20, 12), height: 1, width: 4, channels: 3 } as const;
const elsewhere = { data: new Uint8Array(new SharedArrayBuffer(2)).fill(7), height: 2, width: 1, channels: 1 } as const;

test('images in shared memory arrive as they were, their pixels where they were', () => {
  const samples = [
    { index: 5, sample: grey },
    { index: 6, sample: elsewhere, replaces: 0 },
    { index: 2 ** 31 + 1, sample: colour },
    { index: 5, sample: grey },
  ];
  const sent = sentSamples(samples);
  expect(sent).toMatchObject({ blocks: { length: 2 } });
  const received = receivedSamples(sent);
  expect(received).toEqual(samples);
  expect(received[2]).toMatchObject({ sample: { data: { buffer: memory } } });
});

test.each<[string, unknown]>([
  ['images in memory of their own', { ...grey, data: new Uint8Array(6) }],
  ['images with something beside the pixels', { ...grey, caption: 'a shoe' }],
  ['bytes beyond the pixels', { ...grey, data: bytes(3, 7) }],
  ['series', { data: new Float32Array(memory, 0, 4), length: 4, channels: 1 }],
  ['texts', { text: 'a shoe' }],
])('%s go as they are, as do images in the same batch', (_, sample) => {
  const samples = [
    { index: 0, sample: grey },
    { index: 1, sample },
  ];
  expect(sentSamples(samples)).toBe(samples);
  expect(receivedSamples(samples)).toBe(samples);
});
