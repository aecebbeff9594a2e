import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import wavefile from 'wavefile';
import { resampler } from './resample';
import { wavFolder } from './wavFolder';

const root = await mkdtemp(join(tmpdir(), 'unlabel-wav-'));
afterAll(() => rm(root, { recursive: true }));

const sine = (hertz: number, rate: number, seconds = 0.1) =>
  Float32Array.from({ length: rate * seconds }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * at) / rate));

/** A file with these channels, in [−1, 1]. */
function wav(depth: string, rate: number, channels: readonly Float32Array[]): Uint8Array {
  const zero = depth === '8' ? 128 : 0;
  const scale = depth.includes('f') ? 1 : 2 ** (Number(depth) - 1) - 1;
  const values = channels.map((channel) =>
    Array.from(channel, (value) => (depth.includes('f') ? value : Math.round(value * scale) + zero)),
  );
  const file = new wavefile.WaveFile();
  file.fromScratch(channels.length, rate, depth, values.length === 1 ? (values[0] ?? []) : values);
  return file.toBuffer();
}

async function folder(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(root, name, path, '..'), { recursive: true });
    await writeFile(join(root, name, path), bytes);
  }
  return join(root, name);
}

const largestDifference = (a: Float32Array, b: Float32Array, margin = 0) => {
  let most = 0;
  for (let at = margin; at < b.length - margin; at++) most = Math.max(most, Math.abs((a[at] ?? 9) - (b[at] ?? 0)));
  return most;
};

describe('wavFolder', () => {
  test.each([
    ['8', 2 ** -6],
    ['16', 2 ** -14],
    ['24', 2 ** -22],
    ['32', 2 ** -23],
    ['32f', 0],
  ])('reads samples of %s bits as −1 to 1', async (depth, precision) => {
    const signal = sine(440, 16_000);
    const dataset = await wavFolder(await folder(`bits${depth}`, { 'a.wav': wav(depth, 16_000, [signal]) }));
    const { data, ...rest } = await dataset.read(0);
    expect(rest).toEqual({ length: 1600, channels: 1, rate: 16_000 });
    expect(largestDifference(data, signal)).toBeLessThanOrEqual(precision);
  });

  test('averages the channels of stereo', async () => {
    const [left, right] = [Float32Array.of(0.5, -0.5, 1), Float32Array.of(0.25, 0.5, 0)];
    const at = await folder('stereo', { 'a.wav': wav('32f', 16_000, [left, right]) });
    expect(Array.from((await (await wavFolder(at)).read(0)).data)).toEqual([0.375, 0, 0.5]);
  });

  test('reads A-law and µ-law', async () => {
    const signal = sine(300, 8000);
    const law = (compress: 'toALaw' | 'toMuLaw') => {
      const file = new wavefile.WaveFile(wav('16', 8000, [signal]));
      file[compress]();
      return file.toBuffer();
    };
    const dataset = await wavFolder(await folder('law', { 'a.wav': law('toALaw'), 'b.wav': law('toMuLaw') }), {
      rate: 8000,
    });
    for (const index of [0, 1]) expect(largestDifference((await dataset.read(index)).data, signal)).toBeLessThan(0.02);
  });

  test('resamples other rates, or refuses them', async () => {
    const at = await folder('rates', {
      'a.wav': wav('16', 44_100, [sine(440, 44_100)]),
      'b.wav': wav('16', 8000, [sine(440, 8000)]),
    });
    const dataset = await wavFolder(at);
    for (const index of [0, 1]) {
      const { data, length, rate } = await dataset.read(index);
      expect([length, rate]).toEqual([1600, 16_000]);
      expect(largestDifference(data, sine(440, 16_000), 30)).toBeLessThan(0.003);
    }
    const strict = await wavFolder(at, { rate: 8000, otherRates: 'refuse' });
    expect((await strict.read(1)).length).toBe(800);
    await expect(strict.read(0)).rejects.toMatchObject({
      code: 'SAMPLE_UNREADABLE',
      message: expect.stringContaining('44100 samples a second, not 8000'),
    });
  });

  test('labels recordings by subfolder', async () => {
    const sound = wav('16', 16_000, [sine(440, 16_000, 0.01)]);
    const at = await folder('labelled', { 'en/a.wav': sound, 'fr/b.WAV': sound, 'notes.txt': 'no sound' });
    expect((await wavFolder(at)).labels).toEqual({ values: Int32Array.of(0, 1), classes: ['en', 'fr'] });
  });

  test('names recordings that cannot be read', async () => {
    const whole = wav('16', 16_000, [sine(440, 16_000)]);
    const at = await folder('damaged', {
      'a empty.wav': '',
      'b text.wav': 'no sound at all, but some text that is longer than a header',
      'c cut.wav': whole.subarray(0, 30),
      'd silent.wav': wav('16', 16_000, [new Float32Array(0)]),
      'e long.wav': whole,
    });
    const dataset = await wavFolder(at, { maxSeconds: 0.05 });
    expect(dataset.length).toBe(5);
    for (let index = 0; index < dataset.length; index++) {
      await expect(dataset.read(index), dataset.sampleName(index)).rejects.toMatchObject({
        code: 'SAMPLE_UNREADABLE',
        message: expect.stringContaining(dataset.sampleName(index)),
      });
    }
  });

  test('refuses folders without recordings, and rates that are none', async () => {
    await expect(wavFolder(await folder('bare', { 'a.txt': 'a' }))).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
    await expect(wavFolder(join(root, 'absent'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    await expect(wavFolder(root, { rate: 0.5 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

test('resampling removes what the lower rate cannot hold, and keeps what it can', () => {
  const high = resampler(48_000, 16_000)(sine(11_000, 48_000));
  expect(high.slice(50, -50).every((value) => Math.abs(value) < 0.01)).toBe(true);
  const kept = resampler(48_000, 16_000)(sine(3000, 48_000));
  expect(largestDifference(kept, sine(3000, 16_000), 50)).toBeLessThan(0.01);
  expect(resampler(3, 2)(new Float32Array(10)).length).toBe(7);
});
