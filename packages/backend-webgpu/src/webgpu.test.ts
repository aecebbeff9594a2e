import { tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { webgpu } from './webgpu';

test('sessions are of the tfjs backend webgpu, which computes from then on', async () => {
  expect(await webgpu().open()).toMatchObject({ backend: 'webgpu', eager: 'webgpu' });
  expect(tf.getBackend()).toBe('webgpu');
});
