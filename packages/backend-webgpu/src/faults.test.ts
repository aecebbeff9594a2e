import { hostTensor, type Step, tf } from '@unlabel/core';
import { afterAll, expect, test } from 'vitest';
import { requestDevice } from './device/device';
import { requestAdapter } from './device/gpu';
import { registeredDevice } from './device/tfjsDevice';
import { type WebgpuSession, webgpu } from './index';

const spec = { shape: [2], dtype: 'float32' } as const;
const values = hostTensor(Float32Array.of(1, 2), [2]);

/** State that doubles, and whatever else the step does. */
async function doubling(session: WebgpuSession, also: () => void = () => undefined) {
  const step: Step<'w'> = ({ state: { w = tf.scalar(0) } }) => {
    also();
    const next = tf.mul(w, 2);
    return { outputs: { w: next }, state: { w: next } };
  };
  const compiled = await session.compile(step, { inputs: {}, state: { w: spec } });
  const state = await session.createState({ w: values });
  return { state, run: async () => Array.from((await compiled.run(state, {}, [0])).w.data) };
}

/** Runs a shader that does not compile. */
function runNonsense(): void {
  registeredDevice()?.dispatcher.run(
    {
      name: `nonsense ${Math.sqrt(2)}`,
      workgroup: 1,
      inputs: {},
      outputs: { y: 'f32' },
      code: 'fn main() -> nonsense',
    },
    { inputs: [], outputs: [[1]], groups: 1 },
  );
}

afterAll(async () => {
  await (await webgpu().open()).dispose();
});

test('a shader that does not compile fails the run that it is in, by name, and no other', async () => {
  const session = await webgpu().open();
  let broken = true;
  const { run } = await doubling(session, () => {
    if (broken) runNonsense();
  });
  await expect(run()).rejects.toMatchObject({ code: 'DEVICE_FAULT', message: expect.stringContaining('nonsense') });
  broken = false;
  expect(await run()).toHaveLength(2);
});

test('a fault outside of steps fails what is read next', async () => {
  await webgpu().open();
  tf.tidy(runNonsense);
  const sum = tf.sum(tf.tensor1d([1, 2]));
  await expect(sum.data()).rejects.toMatchObject({ code: 'DEVICE_FAULT' });
  expect(Array.from(await tf.square(tf.tensor1d([3])).data())).toEqual([9]);
});

test('more memory than there is fails with a code, each time, and leaves nothing behind', async () => {
  const session = await webgpu().open();
  const { run } = await doubling(session, () => {
    tf.square(tf.fill([2 ** 15, 2 ** 15], 1)); // 4 GiB
  });
  const refused = { code: 'DEVICE_OUT_OF_MEMORY', fix: expect.stringContaining('batch size') };
  await expect(run()).rejects.toMatchObject(refused);
  await expect(run()).rejects.toMatchObject(refused); // by a buffer of its own: that of the first is none
  expect(session.memory().deviceBytes).toBeLessThan(2 ** 20);
  const { run: afterwards } = await doubling(session);
  expect(await afterwards()).toEqual([2, 4]);
});

test('a lost device says so to all that reads from it, and the next session has another', async () => {
  const device = await requestDevice(await requestAdapter());
  const session = await webgpu({ device }).open();
  const { state, run } = await doubling(session);
  expect(await run()).toEqual([2, 4]);
  device.destroy();
  const lost = { code: 'DEVICE_LOST', fix: expect.stringContaining('resume from the last') };
  await expect(run()).rejects.toMatchObject(lost);
  await expect(run()).rejects.toMatchObject(lost);
  await expect(state.read()).rejects.toMatchObject(lost);
  await session.dispose();

  const next = await webgpu().open();
  expect(next.device).not.toBe(device);
  const again = await doubling(next);
  expect(await again.run()).toEqual([2, 4]);
});

test('sessions share a device; a device of your own ends those on another', async () => {
  const first = await webgpu().open();
  expect((await webgpu().open()).device).toBe(first.device);
  const { run } = await doubling(first);
  const device = await requestDevice(await requestAdapter());
  const own = await webgpu({ device }).open();
  expect(own.device).toBe(device);
  await expect(run()).rejects.toMatchObject({
    code: 'DEVICE_LOST',
    message: expect.stringContaining('another device'),
  });
  expect(await (await doubling(own)).run()).toEqual([2, 4]);
});

test('memory is what the GPU holds, and trim gives back what is kept for later', async () => {
  const session = await webgpu().open();
  session.trim();
  const before = session.memory();
  const x = tf.zeros([256, 1024]);
  const y = tf.square(x);
  await y.data();
  expect((session.memory().bytes ?? 0) - (before.bytes ?? 0)).toBeGreaterThanOrEqual(2 ** 20);
  tf.dispose([x, y]);
  const kept = (session.memory().deviceBytes ?? 0) - (before.deviceBytes ?? 0);
  expect(kept).toBeGreaterThanOrEqual(2 ** 20);
  session.trim();
  expect((session.memory().deviceBytes ?? 0) - (before.deviceBytes ?? 0)).toBeLessThanOrEqual(4096);
});

test('memory of shapes that come no more goes by itself', async () => {
  const session = await webgpu().open();
  const { run } = await doubling(session);
  await run();
  const before = session.memory().deviceBytes ?? 0;
  const large = tf.tidy(() => tf.square(tf.ones([512, 1024])));
  await large.data();
  large.dispose();
  expect((session.memory().deviceBytes ?? 0) - before).toBeGreaterThanOrEqual(2 ** 21);
  for (let times = 0; times < 40; times++) await run();
  expect((session.memory().deviceBytes ?? 0) - before).toBeLessThanOrEqual(4096);
});
