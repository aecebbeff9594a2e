import { createRegistry } from '@unlabel/core';
import { expect, test } from 'vitest';
import * as exported from './index';

test('exports these names', () => {
  expect(Object.keys(exported).sort()).toEqual(['gpuViews', 'measureKernels', 'measureViews', 'plugin', 'webgpu']);
});

test('the registry makes the backend with options', async () => {
  const backend = await createRegistry([exported.plugin]).make('backend', 'webgpu', { powerPreference: 'low-power' });
  expect(await backend.probe()).toMatchObject({ available: true });
});
