import { createRegistry } from '@unlabel/core';
import { backendConformance, readmeSnippet, runSnippet } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import * as exported from './index';
import { plugin } from './plugin';

describe('the backend is held to the conformance suite', () => {
  for (const { name, run } of backendConformance(exported.onnx({ threads: 2 }))) test(name, run);
});

test('the registry makes it by name, and refuses half a thread', async () => {
  const registry = createRegistry([plugin]);
  const backend = await registry.backend('onnx', { threads: 1 });
  expect(await backend.probe()).toMatchObject({ available: true, detail: expect.stringContaining('1 thread') });
  await expect(registry.make('backend', 'onnx', { threads: 0.5 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('configs may leave passes out, by names that exist', async () => {
  const registry = createRegistry([plugin]);
  const backend = await registry.backend('onnx', { without: ['simplify', 'imageLayout'] });
  expect(await backend.probe()).toMatchObject({ available: true });
  await expect(registry.make('backend', 'onnx', { without: ['simplfy'] })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/lazyBroadcast.*simplify/),
  });
});

test('configs may say which thread steps run in', async () => {
  const registry = createRegistry([plugin]);
  let started = 0;
  process.on('worker', () => started++);
  for (const options of [{ thread: 'main' }, { thread: 'worker' }, {}]) {
    const session = await (await registry.make('backend', 'onnx', options)).open();
    await session.dispose();
  }
  expect(started).toBe(2);
  await expect(registry.make('backend', 'onnx', { thread: 'other' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('the snippet of the README runs', async () => {
  const printed = await runSnippet(await readmeSnippet(`${import.meta.dirname}/../README.md`), import.meta.dirname);
  expect(printed.length).toBeGreaterThan(0);
});

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'explain',
    'exportOnnx',
    'microBatchBytes',
    'onnx',
    'passNames',
    'plugin',
    'readOnnxMetadata',
    'requirePassNames',
    'stepTarget',
    'verifyOnnx',
  ]);
});
