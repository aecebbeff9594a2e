import { hostTensor, type Step, type StepSignature, tf } from '@unlabel/core';
import { beforeAll, expect, test } from 'vitest';
import { onnx } from '../onnx';
import { type Engine, openEngine } from './engine';
import { loadOnnxRuntime } from './onnxRuntime';
import { onnxStateOf } from './residentState';
import { openOnnxSession } from './session';
import { stepProgram } from './stepProgram';

const size = 2 ** 20; // 4 MB
const spec = { dtype: 'float32', shape: [size] } as const;

/** w ← w + x, whose norm is an output. */
const step: Step = ({ state, inputs }) => {
  const w = tf.add(state.w ?? tf.zeros([1]), inputs.x ?? 0);
  return { outputs: { norm: tf.sum(tf.square(w)) }, state: { w } };
};
const signature: StepSignature = { state: { w: spec }, inputs: { x: { dtype: 'float32', shape: [] } } };
const inputs = { x: hostTensor(Float32Array.of(1), []) };

let engine: Engine;
beforeAll(async () => {
  await onnx().open(); // the tfjs backend of eager ops
  engine = openEngine(await loadOnnxRuntime(), { threads: 1, imageBlock: 1 });
});

async function started() {
  const prepared = await engine.prepare(stepProgram(step, signature));
  const state = await engine.createState({ w: hostTensor(new Float32Array(size), [size]) });
  return { prepared, state, resident: onnxStateOf(state) };
}

test('state moves between two buffers that stay, and steps copy neither', async () => {
  const { prepared, state, resident } = await started();
  const first = resident.current('w').data;
  await prepared.run(state, inputs, [0]);
  const second = resident.current('w').data;
  const before = process.memoryUsage().arrayBuffers;
  for (const [run, buffer] of [first, second, first, second].entries()) {
    const { norm } = await prepared.run(state, inputs, [0]);
    expect(resident.current('w').data).toBe(buffer);
    expect(norm?.data[0]).toBe((run + 2) ** 2 * size);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(size); // a copy would take four times that, every step
  state.dispose();
});

test('reports the bytes of the state: once before the first step, twice after', async () => {
  const before = engine.bytes();
  const { prepared, state } = await started();
  expect(engine.bytes() - before).toBe(4 * size);
  await prepared.run(state, inputs, [0]);
  expect(engine.bytes() - before).toBe(8 * size);
  state.dispose();
  expect(engine.bytes()).toBe(before);
});

test('a step that is disposed of makes its runs first, and none after', async () => {
  const session = openOnnxSession(engine, 'cpu');
  const compiled = await session.compile(step, signature);
  const state = await session.createState({ w: hostTensor(new Float32Array(size), [size]) });
  const runs = [compiled.run(state, inputs, [0]), compiled.run(state, inputs, [0])];
  compiled.dispose();
  compiled.dispose();
  expect((await Promise.all(runs)).map(({ norm }) => norm?.data[0])).toEqual([size, 4 * size]);
  await expect(compiled.run(state, inputs, [0])).rejects.toMatchObject({ code: 'ABORTED' });
  state.dispose();
});

test('runs take their turn when they are not waited for', async () => {
  const { prepared, state } = await started();
  const runs = Array.from({ length: 5 }, () => prepared.run(state, inputs, [0]));
  const norms = (await Promise.all(runs)).map(({ norm }) => norm?.data[0]);
  expect(norms).toEqual([1, 4, 9, 16, 25].map((square) => square * size));
  state.dispose();
});
