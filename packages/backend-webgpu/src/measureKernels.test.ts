import { gelu, tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { measureKernels } from './measureKernels';
import { webgpu } from './webgpu';

/** GELU, which is one dispatch of ours and several of tfjs's. */
async function turn(): Promise<void> {
  const value = tf.tidy(() => gelu(tf.tensor1d([-1, 0, 2])));
  await value.data();
  value.dispose();
}

test('one turn of each side is told by time, dispatches and bytes, and our kernels come back', async () => {
  const session = await webgpu().open();
  const { fused, composed } = await measureKernels(session, turn, { rounds: 2 });
  expect(fused.dispatches).toBe(1);
  expect(composed?.dispatches).toBeGreaterThan(1);
  expect(Math.min(fused.ms, fused.peakBytes, composed?.peakBytes ?? 0)).toBeGreaterThan(0);
  const before = session.dispatches();
  await turn();
  expect(session.dispatches() - before).toBe(1);
});

test('our kernels come back after a turn that failed, and only ours are measured where that is asked for', async () => {
  const session = await webgpu().open();
  const failing = measureKernels(session, () => Promise.reject(new Error('as asked')), { rounds: 1 });
  await expect(failing).rejects.toThrow('as asked');
  const { fused, composed } = await measureKernels(session, turn, { rounds: 1, composed: false });
  expect([fused.dispatches, composed]).toEqual([1, undefined]);
});

test('refuses no turns', async () => {
  const refused = measureKernels(await webgpu().open(), turn, { rounds: 0 });
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});
