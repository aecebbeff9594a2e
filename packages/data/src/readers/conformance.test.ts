import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type BatchSource,
  createRegistry,
  type Dataset,
  type Modality,
  sizeOf,
  type TensorSpecs,
  type ViewPipeline,
} from '@unlabel/core';
import { datasetConformance } from '@unlabel/testkit';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { Header } from 'tar';
import { afterAll, describe, expect, test } from 'vitest';
import wavefile from 'wavefile';
import { loader } from '../loader';
import { plugin } from '../plugin';
import { inMemory } from './inMemory';

// Every reader on files of eleven samples: the conformance suite, and the same batches after a resume.

const root = await mkdtemp(join(tmpdir(), 'unlabel-readers-'));
afterAll(() => rm(root, { recursive: true }));

const numbers = Array.from({ length: 11 }, (_, at) => at);

async function file(path: string, content: Uint8Array | string): Promise<string> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
  return join(root, path);
}

const pngs = await Promise.all(
  numbers.map((grey) =>
    sharp({ create: { height: 4, width: 5, channels: 3, background: { r: 20 * grey, g: grey, b: 0 } } })
      .png()
      .toBuffer(),
  ),
);
for (const [at, png] of pngs.entries()) await file(`images/${at % 2}/${at}.png`, png);

const planes = numbers.map((at) => Buffer.concat([Buffer.from([at % 10]), Buffer.alloc(3072, 20 * at)]));
await file('cifar/test_batch.bin', Buffer.concat(planes));
await file('cifar/batches.meta.txt', 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n');
const fine = numbers.map((at) => Buffer.concat([Buffer.from([0, at]), Buffer.alloc(3072, 20 * at)]));
await file('cifar/test.bin', Buffer.concat(fine));
await file('cifar/fine_label_names.txt', Array.from({ length: 100 }, (_, at) => `${at}\n`).join(''));

const idxHeader = Buffer.alloc(16);
for (const [at, word] of [0x803, 11, 2, 3].entries()) idxHeader.writeUInt32BE(word, 4 * at);
await file('images.idx', Buffer.concat([idxHeader, Buffer.from(numbers.flatMap((at) => Array<number>(6).fill(at)))]));

await file(
  'list.csv',
  `path,text,label\n${numbers.map((at) => `images/${at % 2}/${at}.png,text ${at},${at % 3}`).join('\n')}`,
);
await file('table.csv', `a,b\n${numbers.map((at) => `${at},${at * at}`).join('\n')}`);
await file('lines.txt', numbers.map((at) => `line ${at}\n`).join('\n'));

const columnData = [
  { name: 'image', data: pngs.map((png) => new Uint8Array(png)) },
  { name: 'text', data: numbers.map((at) => `text ${at}`) },
];
await file('shards/a.parquet', new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 2 })));

const member = (path: string, content: Uint8Array) => {
  const header = Buffer.alloc(512);
  new Header({ path, size: content.length, mode: 0o644, type: 'File' }).encode(header);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
};
const members = pngs.flatMap((png, at) => [
  ...member(`${at}.png`, png),
  ...member(`${at}.txt`, Buffer.from(`text ${at}`)),
]);
await file('a.tar', Buffer.concat(members));

for (const at of numbers) {
  const sound = new wavefile.WaveFile();
  sound.fromScratch(
    1,
    8000,
    '16',
    numbers.map((step) => 100 * step * at),
  );
  await file(`sounds/${at}.wav`, sound.toBuffer());
}

const registry = createRegistry([plugin]);
const options: Readonly<Record<string, readonly object[]>> = {
  'fashion-mnist': [{}],
  'cifar-10': [{ root: join(root, 'cifar'), split: 'test' }],
  'cifar-100': [{ root: join(root, 'cifar'), split: 'test' }],
  idx: [{ images: join(root, 'images.idx') }],
  'image-folder': [{ root: join(root, 'images') }],
  manifest: [{}, { parts: 'pairs' }, { parts: 'text' }].map((parts) => ({ file: join(root, 'list.csv'), ...parts })),
  parquet: [{}, { parts: 'pairs', cacheBytes: 0 }, { parts: 'text' }].map((more) => ({
    source: join(root, 'shards'),
    ...more,
  })),
  webdataset: [{}, { parts: 'pairs' }, { parts: 'text' }].map((parts) => ({ source: join(root, 'a.tar'), ...parts })),
  'text-lines': [{ file: join(root, 'lines.txt') }],
  'wav-folder': [{ root: join(root, 'sounds'), rate: 16_000 }],
  table: [{ file: join(root, 'table.csv') }],
};

test('every reader is among those that are tested', () => {
  expect(Object.keys(options).sort()).toEqual(plugin.definitions.map(({ name }) => name).sort());
});

const opened = Object.entries(options).flatMap(([name, cases]) =>
  cases.map((given): readonly [string, () => Promise<Dataset<unknown>>] => {
    const { parts } = { parts: '', ...given };
    return [`${name} ${parts}`.trim(), () => registry.make('dataset', name, given)];
  }),
);

async function* rows() {
  for (const at of numbers) yield { data: Float32Array.of(at, -at) };
}

describe.each([...opened, ['inMemory, of an iterable', () => inMemory(rows(), { modality: 'rows' })] as const])(
  '%s',
  (_, open) => {
    test('is a data set as it should be', async () => {
      const dataset = await open();
      expect((await open()).fingerprint).toBe(dataset.fingerprint);
      for (const { name, run } of datasetConformance(dataset)) await expect(run(), name).resolves.toBeUndefined();
    });

    test('gives the same batches after a resume in the middle of an epoch, bit for bit', async () => {
      const whole = await source(await open());
      const expected = [...(await batchesOf(whole, 1, 0, 4)), ...(await batchesOf(whole, 2, 0, 2))];
      expect(new Set(expected.map(({ indices }) => String(indices))).size).toBe(6);
      const resumed = await source(await open());
      expect([...(await batchesOf(resumed, 1, 2, 2)), ...(await batchesOf(resumed, 2, 0, 2))]).toEqual(
        expected.slice(2),
      );
      await Promise.all([whole.dispose(), resumed.dispose()]);
    });
  },
);

/** Views that hold the first values of a sample, and one that is drawn. */
function firstValues(modality: Modality): ViewPipeline<number, unknown> {
  const outputs: TensorSpecs = { 'views/0': { shape: [8], dtype: 'float32' } };
  return {
    modality,
    outputs,
    draw: (random) => random.uniform(),
    render: (sample, drawn, targets) => {
      const size = sizeOf(outputs['views/0']?.shape ?? []);
      targets['views/0']?.set([drawn, ...valuesOf(sample).slice(0, size - 1)]);
    },
  };
}

/** The numbers of a sample: values, letters, or both of a pair, letters first. */
function valuesOf(sample: unknown): readonly number[] {
  const { data, text, image }: { data?: unknown; text?: unknown; image?: unknown } = { ...Object(sample) };
  const letters = typeof text === 'string' ? Array.from(text.slice(-3), (letter) => letter.charCodeAt(0)) : [];
  const values = data instanceof Uint8Array || data instanceof Float32Array ? Array.from(data) : [];
  return [...letters, ...values, ...(image ? valuesOf(image) : [])];
}

async function source(dataset: Dataset<unknown>): Promise<BatchSource> {
  return loader({
    dataset,
    views: firstValues(dataset.modality ?? 'image'),
    batchSize: 2,
    seed: 3,
    cacheBytes: 200,
    prefetch: 2,
  });
}

async function batchesOf(batches: BatchSource, epoch: number, from: number, count: number) {
  const seen: { readonly indices: readonly number[]; readonly values: readonly number[] }[] = [];
  for await (const { indices, inputs } of batches.epoch(epoch, from)) {
    seen.push({ indices: Array.from(indices), values: Array.from(inputs['views/0']?.data ?? []) });
    if (seen.length === count) break;
  }
  return seen;
}
