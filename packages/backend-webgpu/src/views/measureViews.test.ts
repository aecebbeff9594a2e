import { readFile } from 'node:fs/promises';
import { byolViews, smallImageViews } from '@unlabel/augment';
import type { ImageSample } from '@unlabel/core';
import { runSnippet } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { webgpu } from '../webgpu';
import { measureViews } from './measureViews';

const image: ImageSample = { data: new Uint8Array(12 * 9).fill(90), height: 12, width: 9, channels: 1 };

test('tells the dispatches, the bytes and both rates of a batch', async () => {
  await webgpu().open();
  const views = byolViews({ size: 10, channels: 1, blur: [1, 0] });
  const measured = await measureViews(views, [image, image], { seconds: 0.05 });
  expect(measured).toMatchObject({ dispatches: 3, viewBytes: 2 * 2 * 10 * 10 * 4 });
  expect(measured.uploadedBytes).toBeGreaterThan(2 * 12 * 9);
  expect(Math.min(measured.gpu, measured.cpu)).toBeGreaterThan(0);
  expect(Number.isFinite(measured.gpu + measured.cpu)).toBe(true);
});

test('refuses to measure for no time', async () => {
  const refused = measureViews(smallImageViews(), [image], { seconds: 0 });
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('the README renders a batch and measures it', async () => {
  const readme = await readFile(`${import.meta.dirname}/../../README.md`, 'utf8');
  const snippet = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  const [shape, rates] = await runSnippet(
    snippet.find((code) => code.includes('gpuViews')) ?? '',
    `${import.meta.dirname}/..`,
  );
  expect(shape).toBe('3,32,32,3');
  expect(rates).toMatch(/^[\d.]+ views\/s on the GPU, [\d.]+ on the CPU, [\d.]+ dispatches a batch$/);
});
