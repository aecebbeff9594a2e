import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import {
  type BackendSession,
  type HostTensors,
  hostScalar,
  hostTensor,
  lossAndGradients,
  type Step,
  sizeOf,
  tf,
} from '@unlabel/core';
import { afterEach, expect, test } from 'vitest';
import { onnx } from '../onnx';

const shape = [64, 64];

/** Two layers that learn to return their input in spite of noise. */
const step: Step = ({ state, inputs, random }) => {
  const { w0 = tf.zeros(shape), w1 = tf.zeros(shape) } = state;
  const { x = tf.zeros(shape), rate = tf.scalar(0) } = inputs;
  const { loss, gradients } = lossAndGradients(
    () => {
      const hidden = tf.tanh(tf.matMul(tf.add(x, random.normal('noise', shape)), w0));
      return { loss: tf.mean(tf.squaredDifference(tf.matMul(hidden, w1), x)), extra: {} };
    },
    { w0, w1 },
  );
  const moved = (w: tf.Tensor, gradient = tf.zeros(shape)) => tf.sub(w, tf.mul(rate, gradient));
  return { outputs: { loss }, state: { w0: moved(w0, gradients.w0), w1: moved(w1, gradients.w1) } };
};
const wave = (phase: number) =>
  hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index * 0.37 + phase)),
    shape,
  );
const initial = { w0: wave(1), w1: wave(2) };
const batch = (index: number): HostTensors => ({ x: wave(3 + index), rate: hostScalar(0.01) });

const sessions: BackendSession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.dispose();
});

async function prepared(thread: 'worker' | 'main', first: HostTensors = initial) {
  const session = await onnx({ threads: 2, thread }).open();
  sessions.push(session);
  const state = await session.createState(first);
  const compiled = await session.compile(step, { state: state.specs, inputs: batch(0) });
  const losses = async (from: number, to: number) => {
    const seen: number[] = [];
    for (let index = from; index < to; index++) {
      const { loss } = await compiled.run(state, batch(index), [7, 'step', index]);
      seen.push(loss?.data[0] ?? Number.NaN);
    }
    return seen;
  };
  return { session, state, compiled, losses };
}

/** A session in a thread, and the thread. */
async function preparedWithThread() {
  const starting = new Promise<Worker>((resolve) => process.once('worker', resolve));
  const parts = await prepared('worker');
  return { ...parts, thread: await starting };
}

/** How often the event loop goes round until `work` is done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let busy = true;
  const turn = () => {
    turns++;
    if (busy) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  busy = false;
  return turns;
}

test('a thread computes what the main thread does, bit for bit', async () => {
  const [there, here] = [await prepared('worker'), await prepared('main')];
  expect(await there.losses(0, 5)).toEqual(await here.losses(0, 5));
  expect(await there.state.read()).toEqual(await here.state.read());
});

test('a run goes on bit for bit in another thread, from the state that was read', async () => {
  const whole = await prepared('worker');
  const expected = await whole.losses(0, 6);
  const interrupted = await prepared('worker');
  const before = await interrupted.losses(0, 3);
  const saved = await interrupted.state.read();
  await interrupted.session.dispose();
  const resumed = await prepared('worker', saved);
  expect([...before, ...(await resumed.losses(3, 6))]).toEqual(expected);
  expect(await resumed.state.read()).toEqual(await whole.state.read());
});

test('the event loop goes round while a step runs in a thread, and stands still while it runs here', async () => {
  const long: Step = ({ inputs }) => {
    const { x = tf.zeros([512, 512]) } = inputs;
    const power = Array.from({ length: 24 }).reduce<tf.Tensor>((product) => tf.matMul(product, x), x);
    return { outputs: { sum: tf.sum(power) } };
  };
  const inputs = { x: hostTensor(new Float32Array(512 * 512).fill(1 / 512), [512, 512]) };
  const turns = async (thread: 'worker' | 'main') => {
    const { session, state } = await prepared(thread);
    const compiled = await session.compile(long, { state: {}, inputs });
    return turnsDuring(compiled.run(state, inputs, [0]));
  };
  expect(await turns('worker')).toBeGreaterThan(20);
  expect(await turns('main')).toBeLessThan(5);
});

test('batches are taken when they are given: the caller may overwrite them at once, and runs wait in line', async () => {
  const { compiled, state } = await prepared('worker');
  const x = wave(3);
  const runs = Array.from({ length: 4 }, (_, index) => {
    x.data.set(wave(3 + index).data);
    return compiled.run(state, { x, rate: hostScalar(0.01) }, [7, 'step', index]);
  });
  x.data.fill(Number.NaN);
  const losses = (await Promise.all(runs)).map(({ loss }) => loss?.data[0]);
  expect(losses).toEqual(await (await prepared('worker')).losses(0, 4));
});

test('memory and errors are those of the main thread', async () => {
  const [there, here] = [await prepared('worker'), await prepared('main')];
  const facts = async ({ session, state, compiled, losses }: typeof there) => {
    const refusals = [
      () => state.read(['w2']),
      () => state.write({ w0: hostScalar(1) }),
      () => compiled.run(state, { x: wave(0) }, [0]),
    ];
    const before = session.memory().bytes;
    await losses(0, 1);
    const errors = await Promise.all(refusals.map((refuse) => refuse().catch((error: unknown) => error)));
    return { before, after: session.memory().bytes, errors: errors.map(String), codes: errors };
  };
  const [ours, theirs] = [await facts(there), await facts(here)];
  expect({ ...ours, codes: [] }).toEqual({ ...theirs, codes: [] });
  expect(ours.before).toBe(2 * 4 * sizeOf(shape));
  expect(ours.after).toBe(4 * 4 * sizeOf(shape));
  expect(ours.codes).toMatchObject([
    { code: 'VARIABLE_MISSING', fix: expect.stringContaining('w0, w1') },
    { code: 'SHAPE_MISMATCH' },
    { code: 'VARIABLE_MISSING' },
  ]);
});

test('state belongs to one session', async () => {
  const [one, other] = [await prepared('worker'), await prepared('worker')];
  await expect(one.compiled.run(other.state, batch(0), [0])).rejects.toMatchObject({ code: 'VARIABLE_MISSING' });
});

test('disposing ends the thread, fails what waits and is done once', async () => {
  const { session, state, compiled, thread } = await preparedWithThread();
  const ended = once(thread, 'exit');
  const runs = Array.from({ length: 3 }, () => compiled.run(state, batch(0), [0]).catch((error: unknown) => error));
  await Promise.all([session.dispose(), session.dispose()]);
  await ended;
  for (const outcome of await Promise.all(runs)) expect(outcome).toMatchObject({ code: 'ABORTED' });
  await expect(state.read()).rejects.toMatchObject({ code: 'ABORTED' });
  compiled.dispose();
  state.dispose();
});

test.each<[string, (thread: Worker) => void]>([
  ['throws', (thread) => thread.postMessage(undefined)], // which is no call
  ['is ended', (thread) => void thread.terminate()],
])('a thread that %s fails what waits, and all that is asked of it after, and says what to do', async (_, end) => {
  const { state, compiled, thread } = await preparedWithThread();
  end(thread);
  const failure = { code: 'WORKER_FAILED', fix: expect.stringContaining('checkpoint') };
  await expect(compiled.run(state, batch(0), [0])).rejects.toMatchObject(failure);
  await expect(state.read()).rejects.toMatchObject(failure);
});
