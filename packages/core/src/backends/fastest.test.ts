import { beforeEach, expect, test } from 'vitest';
import type { Backend, BackendSession, CompiledStep, Step } from '../backend';
import { UnlabelError } from '../errors';
import { hostTensor } from '../hostTensor';
import { tf } from '../tf';
import { processMemory } from './choiceMemory';
import { cpu } from './cpu';
import { fastest } from './fastest';
import type { BackendChoice } from './settle';

/** What happened on the backends, such as `slow runs`. */
let log: string[] = [];
let choices: BackendChoice[] = [];
const onChoice = (choice: BackendChoice) => void choices.push(choice);

beforeEach(() => {
  [log, choices] = [[], []];
});

/** The reference backend, with something done before each run. */
function backend(name: string, beforeRun: () => Promise<unknown> = async () => undefined): Backend {
  return {
    name,
    probe: async () => ({ available: true, detail: `${name} 1.0` }),
    open: async () => {
      log.push(`${name} opens`);
      const session = await cpu().open();
      return {
        ...session,
        backend: name,
        compile: async (step, signature) => logged(name, beforeRun, await session.compile(step, signature)),
        dispose: async () => void log.push(`${name} closes`),
      };
    },
  };
}

function logged<Outputs extends string>(
  name: string,
  beforeRun: () => Promise<unknown>,
  step: CompiledStep<Outputs>,
): CompiledStep<Outputs> {
  return {
    ...step,
    run: async (...run) => {
      log.push(`${name} runs`);
      await beforeRun();
      return step.run(...run);
    },
  };
}

const slow = () => backend('slow', () => new Promise((resolve) => setTimeout(resolve, 300)));
const quick = () => backend('quick');
const refusing = () => backend('refusing', () => Promise.reject(new UnlabelError('CAPTURE_UNSUPPORTED_OP', 'No.')));
const absent: Backend = {
  ...cpu(),
  name: 'absent',
  probe: async () => ({ available: false, reason: 'no library.', fix: 'Install the library.' }),
};

const add: Step<'sum'> = ({ state, inputs }) => {
  const sum = tf.add(state.w ?? tf.scalar(0), inputs.x ?? tf.scalar(0));
  return { outputs: { sum }, state: { w: sum } };
};
const spec = { shape: [2], dtype: 'float32' } as const;
const signature = { inputs: { x: spec }, state: { w: spec } };
const inputs = { x: hostTensor(Float32Array.of(1, 2), [2]) };

async function started(session: BackendSession) {
  const state = await session.createState({ w: hostTensor(Float32Array.of(10, 20), [2]) });
  return { state, step: await session.compile(add, signature) };
}

test('a step runs where it is the fastest, and its state goes there as it was', async () => {
  const session = await fastest([slow(), quick()], { onChoice }).open();
  const { state, step } = await started(session);
  const runs = [1, 2].map((run) => step.run(state, inputs, ['seed', run]));
  expect((await state.read()).w?.data).toEqual(Float32Array.of(12, 24));
  expect((await Promise.all(runs)).map(({ sum }) => [...sum.data])).toEqual([
    [11, 22],
    [12, 24],
  ]);
  expect(choices).toEqual([
    { backend: 'quick', milliseconds: { slow: expect.any(Number), quick: expect.any(Number) } },
  ]);
  expect(log.filter((entry) => entry === 'slow runs')).toHaveLength(2); // one to warm up, one timed: it is slower by far
  expect(log.slice(-2)).toEqual(['quick runs', 'quick runs']);
  expect(session.eager).toBe('cpu');
});

test('a choice is remembered for the same devices and shapes', async () => {
  const memory = processMemory();
  for (const _ of [1, 2]) {
    const { state, step } = await started(await fastest([slow(), quick()], { memory, onChoice }).open());
    log = [];
    await step.run(state, inputs, ['seed']);
  }
  expect(choices.map(({ backend: name }) => name)).toEqual(['quick', 'quick']);
  expect(choices[1]?.milliseconds).toEqual({});
  expect(log.filter((entry) => entry.endsWith('runs'))).toEqual(['quick runs']);
});

test('a memory that fails, or names what is not there, is as good as none', async () => {
  const failing = { read: () => Promise.reject(new Error('denied')), write: () => Promise.reject(new Error('denied')) };
  const wrong = { ...processMemory(), read: async () => 'gone' };
  for (const memory of [failing, wrong]) {
    const { state, step } = await started(await fastest([slow(), quick()], { memory, onChoice }).open());
    await step.run(state, inputs, ['seed']);
  }
  expect(choices.map(({ backend: name }) => name)).toEqual(['quick', 'quick']);
});

test('a backend that refuses the step is out; where all do, the first says why', async () => {
  const { state, step } = await started(await fastest([refusing(), slow()], { onChoice }).open());
  expect((await step.run(state, inputs, ['seed'])).sum.data).toEqual(Float32Array.of(11, 22));
  expect(choices).toEqual([{ backend: 'slow', milliseconds: { slow: expect.any(Number) } }]);
  const hopeless = await started(await fastest([refusing(), { ...refusing(), name: 'other' }]).open());
  await expect(hopeless.step.run(hopeless.state, inputs, ['seed'])).rejects.toMatchObject({
    code: 'CAPTURE_UNSUPPORTED_OP',
  });
});

test('inputs that are made on the device are made once, measured or not, and leave no tensors', async () => {
  const session = await fastest([slow(), quick()]).open();
  const { state, step } = await started(session);
  const { numTensors } = tf.memory();
  let made = 0;
  const make = () => {
    made++;
    return { x: tf.add(tf.tensor1d([0, 1]), 1) };
  };
  for (const run of [1, 2]) await step.run(state, {}, ['seed', run], { specs: { x: spec }, make });
  expect((await state.read()).w?.data).toEqual(Float32Array.of(12, 24));
  expect(made).toBe(2);
  expect(tf.memory().numTensors).toBe(numTensors);
});

test('sessions are closed when no state is on them', async () => {
  const session = await fastest([quick(), slow()]).open();
  const { state, step } = await started(session);
  await step.run(state, inputs, ['seed']);
  expect(log).toContain('slow closes');
  state.dispose();
  await session.dispose();
  await new Promise((resolve) => setTimeout(resolve));
  expect(log.filter((entry) => entry === 'quick closes')).toHaveLength(1);
});

test('one alone is not measured, and none says what to do', async () => {
  const { state, step } = await started(await fastest([absent, quick()]).open());
  await step.run(state, inputs, ['seed']);
  expect(log).toEqual(['quick opens', 'quick runs']);
  expect(await fastest([absent]).probe()).toMatchObject({ available: false, fix: 'Install the library.' });
  await expect(fastest([absent]).open()).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
});

test('two of one name and no rounds are refused', () => {
  expect(() => fastest([quick(), quick()])).toThrow(expect.objectContaining({ code: 'DUPLICATE_NAME' }));
  expect(() => fastest([quick()], { rounds: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

test('probe names what is measured', async () => {
  expect(await fastest([slow(), absent, quick()]).probe()).toEqual({
    available: true,
    detail: 'slow (slow 1.0) or quick (quick 1.0), by measurement',
  });
});
