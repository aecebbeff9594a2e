import { expect, test } from 'vitest';
import { findChromium, inChromium } from './chromium';

type Page = typeof import('./pageFixture');

const page = `${import.meta.dirname}/pageFixture.ts`;
const withChromium = test.skipIf((await findChromium()) === undefined);
const numbers = [1, 2, 3.5];

withChromium('a page gets its input, runs isolated and without WebGPU, and gives its result', async () => {
  expect(await inChromium<Page>(page, { input: { numbers } })).toEqual({ sum: 6.5, isolated: true, webgpu: false });
});

withChromium('WebGPU is there on demand, isolation can be left out', async () => {
  const options = { input: { numbers }, webgpu: true, isolated: false };
  expect(await inChromium<Page>(page, options)).toEqual({ sum: 6.5, isolated: false, webgpu: true });
});

withChromium('folders are served, and nothing above them', async () => {
  const folders = { '/files/': `${import.meta.dirname}/conformance` };
  const ask = (path: string) => inChromium<Page>(page, { input: { numbers, path }, folders });
  expect((await ask('/files/backend.ts')).fetched).toEqual([200, expect.stringContaining('backendConformance')]);
  expect((await ask('/files/..%2Findex.ts')).fetched).toEqual([404, '']);
});

withChromium('what the page throws arrives with what it wrote, and a page that hangs is given up', async () => {
  const ask = (fail: 'throw' | 'hang') =>
    inChromium<Page>(page, { input: { numbers, fail }, timeout: fail === 'hang' ? 1000 : 60_000 });
  await expect(ask('throw')).rejects.toThrow(/RangeError: as asked.*log: asked/s);
  await expect(ask('hang')).rejects.toThrow(/did not finish within 1000 ms/);
});

test('without Chromium, the error says how to name one', async () => {
  const named = process.env.UNLABEL_CHROMIUM;
  process.env.UNLABEL_CHROMIUM = `${import.meta.dirname}/no-such-file`;
  try {
    expect(await findChromium()).toBeUndefined();
    await expect(inChromium<Page>(page, { input: { numbers } })).rejects.toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringContaining('UNLABEL_CHROMIUM'),
    });
  } finally {
    if (named === undefined) delete process.env.UNLABEL_CHROMIUM;
    else process.env.UNLABEL_CHROMIUM = named;
  }
});
