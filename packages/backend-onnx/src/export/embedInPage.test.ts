import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initialise, randomStream } from '@unlabel/core';
import { vit } from '@unlabel/models';
import { findChromium, inChromium } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { exportOnnx } from './exportOnnx';

const withChromium = test.skipIf((await findChromium()) === undefined);
const [size, channels, width] = [8, 3, 12]; // the page cuts columns 2 to 9 out of 12
const preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

withChromium('the code for a page gives the features that ONNX Runtime gives here', async () => {
  const encoder = vit({ inputShape: [size, size, channels], patchSize: 4, dim: 8, depth: 1, heads: 2 });
  const file = exportOnnx(encoder, initialise(encoder.variables, 1), { preprocessing });
  const folder = await mkdtemp(join(tmpdir(), 'unlabel-page-'));
  await writeFile(join(folder, 'encoder.onnx'), file);
  const { integer } = randomStream(['page']);
  const rgba = Array.from({ length: size * width * 4 }, (_, at) => (at % 4 === 3 ? 255 : integer(256)));
  const runtime = dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/wasm')));
  const features = await inChromium<typeof import('./pageFixture')>(`${import.meta.dirname}/pageFixture.ts`, {
    input: { model: '/models/encoder.onnx', width, height: size, rgba },
    folders: { '/models/': folder, '/onnxruntime/': runtime },
  });
  const expected = await featuresHere(file, rgba);
  expect(features).toHaveLength(expected.length);
  for (const [at, feature] of expected.entries()) expect(features[at]).toBeCloseTo(feature, 4);
});

/** The features of the middle columns, normalised by hand. */
async function featuresHere(file: Uint8Array, rgba: readonly number[]): Promise<readonly number[]> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(file);
  const { mean, std } = preprocessing;
  const input = Float32Array.from({ length: size * size * channels }, (_, at) => {
    const [channel, pixel] = [at % channels, Math.floor(at / channels)];
    const column = (pixel % size) + (width - size) / 2;
    const value = rgba[4 * (Math.floor(pixel / size) * width + column) + channel] ?? 0;
    return (value / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
  const { features } = await session.run({ input: new Tensor('float32', input, [1, size, size, channels]) });
  return Array.from(features?.data ?? [], Number);
}

test('the README shows this code', async () => {
  const [readme, code] = await Promise.all(
    ['../../README.md', './embedInPage.ts'].map((path) => readFile(join(import.meta.dirname, path), 'utf8')),
  );
  expect(readme).toContain(code);
});
