import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationView } from '@unlabel/augment';
import { readOnnxMetadata } from '@unlabel/backend-onnx';
import { parseConfig } from '@unlabel/cli';
import { randomStream } from '@unlabel/core';
import { fashionMnist, subset } from '@unlabel/data';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltPage, buildPage, choose, curve, download, says, visit } from './pageFixture';

// Nothing skips: a machine that runs the tests has Chromium, which `.ci/run` installs.
describe('the built page in Chromium', () => {
  let built: BuiltPage;
  let folder: string;
  beforeAll(async () => {
    [built, folder] = await Promise.all([buildPage(), folderOfImages()]);
  }, 120_000);
  afterAll(async () => {
    await built.close();
    await rm(folder, { recursive: true });
  }, 60_000); // Chromium takes its time after its GPU process has crashed

  test('from a click to a rising kNN curve, through a reload, to an encoder that Node runs with equal features', async () => {
    const { page, complaints, context } = await visit(built);
    await choose(page, { 'How many': 500, Epochs: 6, 'Batch size': 32, 'Learning rate': 0.003 });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await says(page, /step (1[6-9]|2\d) of 90/);
    expect(await page.locator('.notice').textContent()).toContain('WebAssembly instead of a GPU'); // only a software one
    await page.reload();
    await says(page, 'Paused at step');
    const stopped = Number(/step (\d+)/.exec((await page.locator('.status').textContent()) ?? '')?.[1]);
    expect(stopped).toBeGreaterThanOrEqual(15);
    expect((await curve(page, 'loss')).map(({ step }) => step)).toEqual([1, stopped]);
    await page.locator('.map canvas[data-step]').waitFor(); // of the checkpoint, without training
    await page.getByRole('button', { name: 'Continue' }).click();
    await says(page, 'Finished: 90 steps');
    const [first, last] = await curve(page, 'knn');
    expect(first?.step).toBe(0);
    expect(last?.step).toBe(90);
    expect(last?.value).toBeGreaterThan((first?.value ?? 100) + 5);

    await page.locator('.map button').press('ArrowRight');
    await page.locator('.neighbours li').nth(7).waitFor();

    const [model, table] = [await download(page, 'Encoder (ONNX)'), await download(page, 'Features (CSV)')];
    expect(readOnnxMetadata(model)).toMatchObject({ method: 'simclr' });
    expect(await largestDifference(model, table.toString())).toBeLessThan(1e-4);
    const config = (await download(page, 'Config')).toString();
    expect((await parseConfig(config, 'config.yaml')).config).toMatchObject({ training: { epochs: 6, batchSize: 32 } });
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a method without its stop-gradient collapses, and the page says so', async () => {
    const { page, complaints, context } = await visit(built);
    await choose(page, { Name: 'simsiam', Encoder: 'mlp', 'Computes on': 'wasm' });
    await choose(page, { 'How many': 500, 'Batch size': 32, Epochs: 8, 'Learning rate': 0.004 });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await says(page, /step \d+ of 120/);
    await page.getByLabel('stop gradient').uncheck();
    await page.getByRole('button', { name: 'Apply and go on' }).click();
    await page
      .locator('.notice.warning', { hasText: /collapsed/ })
      .first()
      .waitFor({ timeout: 120_000 });
    expect(await page.locator('.curve .change title').first().textContent()).toBe('stopGradient is now false');
    const [, spread] = await curve(page, 'std');
    expect(spread?.value).toBeLessThan(0.2);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a folder of images of many sizes, with some that are none, is read, learned from and kept', async () => {
    const { page, complaints, context } = await visit(built);
    await page.locator('input[type=file]').setInputFiles(folder);
    await page.getByText('Your 119 images').waitFor();
    expect(await page.locator('.found li').allTextContents()).toEqual([
      '1 file that is no image was passed over.',
      '1 image could not be read: Trouser/broken.png.',
    ]);
    await choose(page, { Epochs: 2, 'Batch size': 32, 'Computes on': 'wasm', Encoder: 'mlp' });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await says(page, 'Finished: 4 steps'); // of 95 images, the others are held out
    expect(await page.locator('.legend li').allTextContents()).toEqual(['Bag', 'Trouser']);
    expect((await curve(page, 'knn')).length).toBe(2);
    await page.reload();
    await says(page, 'Finished: 4 steps');
    await page.locator('.map canvas[data-step]').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('on WebGPU it trains, and goes on from the checkpoint after the device was lost', async () => {
    const { page, context } = await visit(built);
    await choose(page, { 'How many': 500, 'Batch size': 128, 'Computes on': 'webgpu', Encoder: 'mlp', Epochs: 40 });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await says(page, /Training on webgpu: step ([4-9]|\d\d) of 120/);
    const browser = await built.browser.newBrowserCDPSession();
    await browser.send('Browser.crashGpuProcess').catch(() => undefined); // it ends before it can answer
    await page.locator('.notice.bad[data-code=DEVICE_LOST]').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await says(page, /Training on webgpu: step ([7-9]|\d\d) of 120/);
    await context.close();
  });
});

/** A folder of two subfolders with garments as PNGs of several sizes, one broken, and a text beside them. */
async function folderOfImages(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'unlabel-images-'));
  const { labels, read } = await fashionMnist();
  for (const name of ['Trouser', 'Bag']) {
    await mkdir(join(root, name));
    const label = labels?.classes.indexOf(name) ?? -1;
    const indices = Array.from(labels?.values ?? []).flatMap((value, index) => (value === label ? [index] : []));
    for (const [at, index] of indices.slice(0, name === 'Bag' ? 60 : 59).entries()) {
      const { data, height, width } = await read(index);
      const image = sharp(data, { raw: { height, width, channels: 1 } }).resize(
        28 + (at % 5) * 20,
        28 + (at % 3) * 30,
        { fit: 'fill' },
      );
      await writeFile(join(root, name, `${index}.png`), await image.png().toBuffer());
    }
  }
  await writeFile(join(root, 'Trouser', 'broken.png'), 'cut short');
  await writeFile(join(root, 'notes.txt'), 'no image');
  return root;
}

/** Between features that the page wrote and those of the file, run here, over the images that are held out. */
async function largestDifference(model: Buffer, table: string): Promise<number> {
  const rows = table
    .trim()
    .split('\n')
    .slice(-400)
    .map((line) => line.split(',').slice(2).map(Number));
  const images = subset(
    await fashionMnist(),
    Int32Array.from({ length: 400 }, (_, at) => 9600 + at),
  );
  const view = evaluationView({ size: 16, channels: 1 });
  const inputs = new Float32Array(400 * 256);
  for (let index = 0; index < 400; index++) {
    const image = await images.read(index);
    const target = inputs.subarray(index * 256, (index + 1) * 256);
    view.render(image, view.draw(randomStream([index]), image), { 'views/0': target });
  }
  const session = await InferenceSession.create(model);
  const { features } = await session.run({ input: new Tensor('float32', inputs, [400, 16, 16, 1]) });
  const expected = Array.from(features?.data ?? [], Number);
  expect(expected.length).toBe(rows.flat().length);
  return Math.max(...rows.flat().map((value, at) => Math.abs(value - (expected[at] ?? Number.NaN))));
}
