import { inChromium } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { suite } from './suiteFixture';

type Page = typeof import('./pageFixture');

// Nothing skips: a machine that runs the tests has Chromium, which `.ci/run` installs.
test('headless Chromium has an adapter and passes the suite', { timeout: 240_000 }, async () => {
  const page = `${import.meta.dirname}/pageFixture.ts`;
  const { probed, held, broken } = await inChromium<Page>(page, { input: undefined, webgpu: true, timeout: 200_000 });
  expect(probed).toMatch(/swiftshader/i);
  expect(broken).toEqual([]);
  expect(held).toEqual(suite().map(({ name }) => name));
});

test('a page without WebGPU says what to do', async () => {
  const page = `${import.meta.dirname}/pageFixture.ts`;
  const { probed } = await inChromium<Page>(page, { input: undefined });
  expect(probed).toMatch(/no WebGPU|no GPU adapter/);
});
