import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readOnnxMetadata } from '@unlabel/backend-onnx';
import { parseConfig } from '@unlabel/cli';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoded, firstGarments, folderOfColours, folderOfImages, garment, largestDifference } from './imagesFixture';
import { type BuiltPage, buildPage, choose, curve, download, drop, overwrite, says, visit } from './pageFixture';

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
    const { page, complaints, fetched, context } = await visit(built);
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
    const needed = ['0.idx.gz', '500.idx.gz', '1000.idx.gz', '9600.idx.gz']; // views are shown of the first 2,000
    expect(needed).toEqual(expect.arrayContaining(fetched.filter((name) => name.endsWith('.gz'))));

    const drawn = () => page.locator('.map canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const features = await drawn();
    await page.getByLabel(/what the loss sees/).check(); // of the checkpoint, without training
    await expect.poll(drawn, { timeout: 60_000 }).not.toBe(features);
    await page.getByLabel(/what the loss sees/).uncheck();

    await page.locator('.map button').press('ArrowRight');
    await page.locator('.neighbours li').nth(7).waitFor();

    const [model, table] = [await download(page, 'Encoder (ONNX)'), await download(page, 'Features (CSV)')];
    const { fingerprint } = await firstGarments(500);
    expect(readOnnxMetadata(model)).toMatchObject({ method: 'simclr', data_hash: fingerprint });
    expect(await largestDifference(model, table.toString().trim().split('\n').slice(-400), garment)).toBeLessThan(1e-4);
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
    await overwrite(page, 'unlabel-playground/run/run.json', '{"version":99}');
    await overwrite(page, 'unlabel-playground/images/images.json', '{"channels":');
    await page.reload();
    await page.locator('.notice').nth(1).waitFor();
    await says(page, 'Ready');
    expect(await page.locator('.notice').allTextContents()).toEqual([
      expect.stringMatching(/^Your images of an earlier visit cannot be read.*aside-1/),
      expect.stringMatching(/another version of this page wrote it\). Nothing of it was deleted.*aside-2/),
    ]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a dropped folder of coloured images of many sizes, with what is none between them, is learned from in colour', async () => {
    const { page, complaints, context } = await visit(built);
    const folder = await folderOfColours();
    await drop(page, folder);
    await page.getByText('Your 60 images').waitFor();
    expect(await page.locator('.found li').allTextContents()).toEqual([
      '140 files that are no image were passed over.',
      '2 images could not be read: round/cut.jpg, round/empty.png.',
    ]);
    await choose(page, { Epochs: 1, 'Batch size': 24, 'Computes on': 'wasm', Encoder: 'mlp' });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await says(page, 'Finished: 2 steps');
    await drop(page, folder);
    await page.locator('.notice.bad', { hasText: 'Press Start over' }).waitFor();
    const [model, table] = [await download(page, 'Encoder (ONNX)'), await download(page, 'Features (CSV)')];
    const rows = table.toString().trim().split('\n').slice(1);
    expect(rows.length).toBe(60);
    expect(await largestDifference(model, rows, (name) => decoded(join(folder, name)))).toBeLessThan(1e-4);
    expect(complaints).toEqual([]);
    await context.close();
    await rm(folder, { recursive: true });
  });

  test('a worker that fails and a disk without room lose nothing that was shown as saved, and one click goes on', async () => {
    const { page, context } = await visit(built);
    await choose(page, { Encoder: 'mlp', 'Computes on': 'wasm', 'How many': 500, 'Batch size': 32, Epochs: 200 });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await says(page, /step (1[6-9]|[2-9]\d) of/);
    const [worker] = page.workers();
    await worker?.evaluate(() => {
      setTimeout(() => {
        throw new Error('as asked');
      });
    });
    await page.locator('.notice.bad[data-code=WORKER_FAILED]', { hasText: 'as asked' }).waitFor();
    await says(page, /Paused at step (15|30|45|60|75|90) of .*, saved/);
    expect(await page.workers()[0]?.evaluate(evaluating)).toContain('EvalError'); // the policy holds in the worker, too
    await page.getByRole('button', { name: 'Continue' }).click();
    await says(page, /Training on wasm: step \d{3} of/);
    const session = await context.newCDPSession(page);
    const { origin } = new URL(built.url);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
    await page.locator('.notice.bad[data-code=CHECKPOINT_WRITE_FAILED]').waitFor();
    await says(page, /Stopped at step \d+ of 3000. Step \d+ is saved/);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    const [, saved] = /Step (\d+) is/.exec((await page.locator('.status').textContent()) ?? '') ?? [];
    await page.reload();
    await says(page, `Paused at step ${saved} of 3000, saved`);
    await context.close();
  });

  test('an adapter below the limits is named, and this machine is measured without one', async () => {
    const { page, context } = await visit(built);
    await page.route(/worker-.*\.js$/, async (route) => {
      const response = await route.fetch();
      const patch = `Object.defineProperty(GPUSupportedLimits.prototype, 'maxStorageBuffersPerShaderStage', { get: () => 4 });`;
      await route.fulfill({ response, body: `${patch}\n${await response.text()}` });
    });
    await page.reload();
    await choose(page, { Encoder: 'mlp', 'Computes on': 'webgpu', 'How many': 500, 'Batch size': 32 });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const problem = page.locator('.notice.bad[data-code=BACKEND_UNAVAILABLE]', { hasText: 'is too small' });
    expect(await problem.textContent()).toContain('Choose another under “Computes on”.');
    await says(page, 'Ready');
    await page.getByRole('button', { name: 'Measure on this machine' }).click();
    await page.getByRole('button', { name: 'Copy' }).waitFor();
    const rows = await page.locator('.figures tr').allTextContents();
    expect(rows).toEqual([
      expect.stringMatching(/^Views a second, small-image– GPU.*too small/),
      expect.stringMatching(/^Step of simclr, mlp, batch 32.*too small.*\d ms wasm$/),
      expect.stringMatching(/^NT-Xent.*– fused.*too small/),
    ]);
    await context.close();
  });

  test('on WebGPU by ONNX Runtime it trains, too', async () => {
    const { page, context, complaints } = await visit(built);
    await choose(page, { 'How many': 500, 'Batch size': 32, 'Computes on': 'onnx', Encoder: 'mlp', Epochs: 10 });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await says(page, /Training on onnx: step [1-9]/);
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

/** Tries what the policy forbids, in a task of its own: the debugger's own are free to. */
function evaluating(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => {
      try {
        resolve(new Function('return "evaluated"')());
      } catch (error) {
        resolve(String(error));
      }
    });
  });
}
