import { hostScalar, hostTensor, type Step, type StepSignature, tf, type UnlabelErrorCode } from '@unlabel/core';
import { beforeAll, expect, test } from 'vitest';
import { recordStep } from './capture/recordStep';
import { onnx } from './onnx';

const signature: StepSignature = { state: {}, inputs: { x: { dtype: 'float32', shape: [2, 2] } } };

beforeAll(async () => {
  await onnx().open();
});

/** The error that capturing `body` throws, and the active tfjs backend after. */
function refusal(body: (x: tf.Tensor) => tf.Tensor): { readonly error: unknown; readonly active: string } {
  const step: Step = ({ inputs }) => ({ outputs: { y: body(inputs.x ?? tf.scalar(0)) } });
  try {
    recordStep(step, signature);
  } catch (error) {
    return { error, active: tf.getBackend() };
  }
  return { error: undefined, active: tf.getBackend() };
}

/** `x`, after tfjs has written it to the console. */
function printed(x: tf.Tensor): tf.Tensor {
  tf.print(x);
  return x;
}

/** `x`, after its values have been asked for as a promise that nobody waits for. */
function readLater(x: tf.Tensor): tf.Tensor {
  void x.data();
  return x;
}

const cases: readonly [string, UnlabelErrorCode, RegExp, (x: tf.Tensor) => tf.Tensor][] = [
  ['reading values', 'CAPTURE_VALUE_READ', /reads a tensor's values/, (x) => tf.scalar(x.dataSync()[0] ?? 0)],
  ['reading values as an array', 'CAPTURE_VALUE_READ', /reads a tensor's values/, (x) => tf.tensor(x.arraySync())],
  ['reading values later', 'CAPTURE_VALUE_READ', /data\(\) reads a tensor's values/, (x) => readLater(x)],
  ['printing values', 'CAPTURE_VALUE_READ', /tf\.print|reads/, (x) => printed(x)],
  [
    'an op without counterpart',
    'CAPTURE_UNSUPPORTED_OP',
    /tf\.unique needs the tfjs kernel Unique, which cannot be captured/,
    (x) => tf.unique(x).values,
  ],
  ['normal noise', 'CAPTURE_UNSUPPORTED_OP', /random/, (x) => tf.add(x, tf.randomNormal([2, 2]))],
  [
    'seeded normal noise',
    'CAPTURE_UNSUPPORTED_OP',
    /tf\.randomNormal/,
    (x) => tf.add(x, tf.randomNormal([2, 2], 0, 1, 'float32', 7)),
  ],
  ['uniform noise', 'CAPTURE_UNSUPPORTED_OP', /random/, (x) => tf.add(x, tf.randomUniform([2, 2]))],
  [
    'seeded uniform noise',
    'CAPTURE_UNSUPPORTED_OP',
    /tf\.randomUniform/,
    (x) => tf.add(x, tf.randomUniform([2, 2], 0, 1, 'float32', 7)),
  ],
  [
    'truncated noise',
    'CAPTURE_UNSUPPORTED_OP',
    /tf\.truncatedNormal/,
    (x) => tf.add(x, tf.truncatedNormal([2, 2], 0, 1, 'float32', 7)),
  ],
  ['dropout', 'CAPTURE_UNSUPPORTED_OP', /tf\.dropout/, (x) => tf.dropout(x, 0.5, undefined, 7)],
  [
    'multinomial draws',
    'CAPTURE_UNSUPPORTED_OP',
    /tf\.multinomial/,
    (x) => tf.multinomial(tf.reshape<tf.Rank.R2>(x, [2, 2]), 1, 7),
  ],
  ['Math.random', 'CAPTURE_UNSUPPORTED_OP', /Math\.random/, (x) => tf.mul(x, Math.random())],
  [
    'crypto.getRandomValues',
    'CAPTURE_UNSUPPORTED_OP',
    /crypto\.getRandomValues/,
    (x) => tf.mul(x, crypto.getRandomValues(new Uint8Array(1))[0] ?? 0),
  ],
];

test.each(cases)('%s is refused with the op and the line', (_, code, message, body) => {
  const { error, active } = refusal(body);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(error).toMatchObject({ message: expect.stringMatching(/refusals\.test\.ts:\d+:\d+/) });
  expect(active).toBe('cpu');
});

test('a tensor from outside is refused', () => {
  const stranger = tf.tensor1d([1, 2]);
  const { error, active } = refusal((x) => tf.add(x, stranger));
  expect(error).toMatchObject({
    code: 'CAPTURE_UNDECLARED_TENSOR',
    message: expect.stringMatching(/refusals\.test\.ts/),
  });
  expect(active).toBe('cpu');
  expect(Array.from(stranger.dataSync())).toEqual([1, 2]);
});

test('an async step is refused before it waits for what never comes', () => {
  // @ts-expect-error a step is no async function, but in JavaScript nobody says so
  const step: Step = async ({ inputs }) => ({ outputs: { y: tf.neg(inputs.x ?? tf.scalar(0)) } });
  expect(() => recordStep(step, signature)).toThrow(
    expect.objectContaining({ code: 'CAPTURE_VALUE_READ', message: expect.stringMatching(/async function/) }),
  );
  expect(tf.getBackend()).toBe('cpu');
});

test("errors of the step's own come through, and the backend is restored", () => {
  const { error, active } = refusal(() => {
    throw new RangeError('mine');
  });
  expect(error).toBeInstanceOf(RangeError);
  expect(active).toBe('cpu');
});

test('JavaScript draws again after a capture', () => {
  refusal((x) => tf.add(x, 1));
  expect(Math.random()).toBeLessThan(1);
  expect(crypto.getRandomValues(new Uint8Array(16)).some((byte) => byte > 0)).toBe(true);
});

test('two draws of one name are refused', () => {
  const step: Step = ({ random }) => ({ outputs: { y: tf.add(random.normal('a', [1]), random.uniform('a', [1])) } });
  expect(() => recordStep(step, { state: {}, inputs: {} })).toThrow(
    expect.objectContaining({ code: 'DUPLICATE_NAME' }),
  );
});

test('a step that changes the shape of its state, or sets what it was not given, does not compile', async () => {
  const session = await onnx().open();
  const grows: Step = ({ state }) => ({
    outputs: {},
    state: { a: tf.concat([state.a ?? tf.zeros([1]), tf.zeros([1])], 0) },
  });
  const invents: Step = () => ({ outputs: {}, state: { b: tf.zeros([1]) } });
  const a = { a: { dtype: 'float32', shape: [1] } } as const;
  await expect(session.compile(grows, { state: a, inputs: {} })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  await expect(session.compile(invents, { state: a, inputs: {} })).rejects.toMatchObject({ code: 'VARIABLE_MISSING' });
  await session.dispose();
});

test.each([-1, 1.5, Number.NaN])('a signature with an extent of %d does not compile', async (extent) => {
  const session = await onnx().open();
  const step: Step = ({ inputs }) => ({ outputs: { y: tf.neg(inputs.x ?? tf.scalar(0)) } });
  const inputs = { x: { dtype: 'float32', shape: [extent, 2] } } as const;
  await expect(session.compile(step, { state: {}, inputs })).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
    message: expect.stringContaining('compilePerSignature'),
  });
  await session.dispose();
});

test('values that do not fill their shape are refused', async () => {
  const session = await onnx().open();
  const step: Step = ({ state, inputs }) => ({ outputs: { y: tf.add(inputs.x ?? 0, state.a ?? 0) } });
  const a = hostTensor(new Float32Array(4), [2, 2]);
  const state = await session.createState({ a });
  const compiled = await session.compile(step, { ...signature, state: state.specs });
  const short = hostTensor(new Float32Array(3), [2, 2]);
  const refused = expect.objectContaining({ code: 'SHAPE_MISMATCH', message: expect.stringMatching(/3 .*\[2,2\]/) });
  await expect(compiled.run(state, { x: short }, [0])).rejects.toThrow(refused);
  await expect(session.createState({ a: short })).rejects.toThrow(refused);
  await expect(state.write({ a: short })).rejects.toThrow(refused);
  await session.dispose();
});

test('inputs of another shape, missing inputs and foreign state are refused when it runs', async () => {
  const session = await onnx().open();
  const step: Step = ({ inputs }) => ({ outputs: { y: tf.neg(inputs.x ?? tf.scalar(0)) } });
  const compiled = await session.compile(step, signature);
  const state = await session.createState({});
  const wrong = hostTensor(new Float32Array(3), [3]);
  await expect(compiled.run(state, { x: wrong }, [0])).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  await expect(compiled.run(state, {}, [0])).rejects.toMatchObject({ code: 'VARIABLE_MISSING' });
  const foreign = { specs: {}, read: async () => ({}), write: async () => undefined, dispose: () => undefined };
  await expect(compiled.run(foreign, { x: wrong }, [0])).rejects.toMatchObject({ code: 'VARIABLE_MISSING' });
  await session.dispose();
});

test('a loop that looks at its losses gets back to a sound state', async () => {
  const session = await onnx().open();
  const counting: Step = ({ state: { w = tf.scalar(0) } }) => ({
    outputs: { loss: tf.log(w) },
    state: { w: tf.sub(w, 1) },
  });
  const state = await session.createState({ w: hostScalar(5) });
  const compiled = await session.compile(counting, { state: state.specs, inputs: {} });
  let [good, recent] = [await state.read(), await state.read()];
  const losses: number[] = [];
  for (let run = 0; run < 10; run++) {
    const { loss } = await compiled.run(state, {}, [0, 'step', run]);
    losses.push(loss?.data[0] ?? 0);
    if (!Number.isFinite(losses[run])) {
      await state.write(good);
      break;
    }
    if (run % 2 === 0) [good, recent] = [recent, await state.read()];
  }
  expect(losses.at(-1)).toBe(Number.NEGATIVE_INFINITY); // the logarithms of 5, 4, 3, 2, 1 and 0
  expect((await state.read()).w?.data[0]).toBe(2);
  await session.dispose();
});

test('a number of threads that is none is refused before ONNX Runtime sees it', async () => {
  for (const threads of [0, 1.5, Number.NaN]) {
    expect(() => onnx({ threads })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    await expect(onnx().open({ threads })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  }
});

test('a run without one of its inputs says which', async () => {
  const session = await onnx({ thread: 'main' }).open();
  const compiled = await session.compile(({ inputs }) => ({ outputs: { y: tf.neg(inputs.x ?? 0) } }), signature);
  const state = await session.createState({});
  await expect(compiled.run(state, {}, ['run'])).rejects.toMatchObject({
    code: 'VARIABLE_MISSING',
    message: expect.stringMatching(/needs x, and was run without it/),
  });
  await session.dispose();
});
