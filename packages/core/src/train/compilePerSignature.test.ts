import { beforeAll, expect, test } from 'vitest';
import type { BackendSession, Step, StepSignature } from '../backend';
import { cpu } from '../backends/cpu';
import { hostTensor } from '../hostTensor';
import { tf } from '../tf';
import { compilePerSignature } from './compilePerSignature';

let session: BackendSession;
beforeAll(async () => {
  session = await cpu().open();
});

/** Adds the batch's sum to the state's total. */
const total: Step<'mean'> = ({ state, inputs }) => {
  const { x = tf.zeros([1, 1]) } = inputs;
  return { outputs: { mean: tf.mean(x) }, state: { total: tf.add(state.total ?? 0, tf.sum(x)) } };
};

const signature: StepSignature = {
  inputs: { x: { dtype: 'float32', shape: [4, 2] } },
  state: { total: { dtype: 'float32', shape: [] } },
};

const rows = (count: number) => ({ x: hostTensor(new Float32Array(count * 2).fill(1), [count, 2]) });

/** The session, with a list of the shapes that were compiled for and of those that were disposed of. */
function watched() {
  const compiled: string[] = [];
  const disposed: string[] = [];
  const watching: BackendSession = {
    ...session,
    compile: async (step, given) => {
      const form = await session.compile(step, given);
      const shape = `${given.inputs.x?.shape}`;
      compiled.push(shape);
      return { ...form, dispose: () => void disposed.push(shape) };
    },
  };
  return { watching, compiled, disposed };
}

test('compiles once for each shape, on first need, and runs all forms on the same state', async () => {
  const { watching, compiled } = watched();
  const state = await watching.createState({ total: hostTensor(new Float32Array(1), []) });
  const step = await compilePerSignature(watching, total, signature);
  for (const count of [4, 4, 3, 4, 3]) await step.run(state, rows(count), ['run']);
  expect(compiled).toEqual(['4,2', '3,2']);
  expect((await state.read()).total?.data[0]).toBe(2 * 18);
});

test('keeps so many forms, and lets go of the one that was needed longest ago', async () => {
  const { watching, compiled, disposed } = watched();
  const state = await watching.createState({ total: hostTensor(new Float32Array(1), []) });
  const step = await compilePerSignature(watching, total, signature, { limit: 2 });
  for (const count of [3, 4, 2, 3]) await step.run(state, rows(count), ['run']);
  expect(compiled).toEqual(['4,2', '3,2', '2,2', '3,2']);
  expect(disposed).toEqual(['3,2', '4,2']);
  step.dispose();
  expect(disposed).toEqual(['3,2', '4,2', '2,2', '3,2']);
});

test('a shape that the step refuses is refused when it comes, and the others go on', async () => {
  const { watching } = watched();
  const picky: Step<'mean'> = (given) => {
    if (given.inputs.x?.shape[0] === 3) throw new RangeError('not three');
    return total(given);
  };
  const state = await watching.createState({ total: hostTensor(new Float32Array(1), []) });
  const step = await compilePerSignature(watching, picky, signature);
  await expect(step.run(state, rows(3), ['run'])).rejects.toThrow('not three');
  await step.run(state, rows(4), ['run']);
  expect((await state.read()).total?.data[0]).toBe(8);
});

test.each([
  ['SHAPE_MISMATCH', { x: hostTensor(new Float32Array(8), [8]) }],
  ['SHAPE_MISMATCH', { x: { dtype: 'int32', shape: [4, 2], data: new Int32Array(8) } as const }],
  ['VARIABLE_MISSING', {}],
])('leaves inputs that do not fit for the backend to refuse: %s', async (code, inputs) => {
  const state = await session.createState({ total: hostTensor(new Float32Array(1), []) });
  const step = await compilePerSignature(session, total, signature);
  await expect(step.run(state, inputs, ['run'])).rejects.toMatchObject({ code });
});
