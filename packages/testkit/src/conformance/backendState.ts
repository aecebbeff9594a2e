import {
  type BackendSession,
  drawStepRandom,
  type HostTensors,
  hostScalar,
  hostTensor,
  type NamedTensors,
  type Step,
  tf,
} from '@unlabel/core';
import { type ConformanceCase, requireRefusal, requireThat } from './conformanceCase';
import { requireEqual } from './hostTensors';

const key = ['conformance', 17];
const pair = { shape: [2], dtype: 'float32' } as const;
const scalar = { shape: [], dtype: 'float32' } as const;
const one = hostTensor(Float32Array.of(1, 2), [2]);
const other = hostTensor(Float32Array.of(5, 6), [2]);

/** Adds the input to `a`, and shows both. */
const accumulate: Step = ({ state, inputs }) => {
  const sum = tf.add(present(state, 'a'), present(inputs, 'x'));
  return { outputs: { sum, x: present(inputs, 'x') }, state: { a: sum } };
};
const accumulateSignature = { inputs: { x: pair }, state: { a: pair } };

/** What must hold of state, inputs and random draws. */
export function stateCases(session: () => Promise<BackendSession>, tolerance: number): readonly ConformanceCase[] {
  const holds: Holds = (name, check) => ({ name, run: async () => check(await session()) });
  return [
    ...movingCases(holds),
    ...borderCases(holds),
    ...refusalCases(holds),
    ...scalarAndDrawCases(holds, tolerance),
  ];
}

type Holds = (name: string, check: (session: BackendSession) => Promise<void>) => ConformanceCase;

function movingCases(holds: Holds): ConformanceCase[] {
  return [
    holds('state stays between runs, and outputs may be inputs', async (opened) => {
      const state = await opened.createState({ a: one });
      const step = await opened.compile(accumulate, accumulateSignature);
      await step.run(state, { x: other }, key);
      requireEqual(await step.run(state, { x: other }, key), { sum: values(11, 14), x: other }, 0);
      requireEqual(await state.read(), { a: values(11, 14) }, 0);
    }),
    holds('a step may return state unchanged, exchange entries and leave entries out', async (opened) => {
      const state = await opened.createState({ a: one, b: other, c: one });
      const exchange: Step = ({ state: { a, b, c } }) => ({
        outputs: { a: tf.add(named(a), 0) },
        state: { a: named(b), b: named(a), c: named(c) },
      });
      const step = await opened.compile(exchange, { inputs: {}, state: { a: pair, b: pair, c: pair } });
      await step.run(state, {}, key);
      requireEqual(await state.read(), { a: other, b: one, c: one }, 0);
      await step.run(state, {}, key);
      requireEqual(await state.read(), { a: one, b: other, c: one }, 0);
    }),
    holds('two steps share a state, and two states share a step', async (opened) => {
      const [state, second] = [await opened.createState({ a: one, b: other }), await opened.createState({ a: other })];
      const add = await opened.compile(accumulate, accumulateSignature);
      const doubleB: Step = ({ state: { a, b } }) => ({
        outputs: { a: tf.mul(named(a), 1) },
        state: { b: tf.mul(named(b), 2) },
      });
      const double = await opened.compile(doubleB, { inputs: {}, state: { a: pair, b: pair } });
      await add.run(state, { x: one }, key);
      requireEqual(await double.run(state, {}, key), { a: values(2, 4) }, 0);
      await add.run(second, { x: one }, key);
      requireEqual(await state.read(), { a: values(2, 4), b: values(10, 12) }, 0);
      requireEqual(await second.read(), { a: values(6, 8) }, 0);
    }),
  ];
}

function borderCases(holds: Holds): ConformanceCase[] {
  return [
    holds('reads and writes the entries that are named, and copies', async (opened) => {
      const source = Float32Array.of(1, 2);
      const state = await opened.createState({ a: hostTensor(source, [2]), b: other });
      source.fill(9);
      await state.write({ b: one });
      requireEqual(await state.read(['b']), { b: one }, 0);
      requireEqual(await state.read(), { a: one, b: one }, 0);
      requireThat(state.specs.a?.dtype === 'float32' && state.specs.a.shape.join() === '2', 'specs.a is not [2].');
    }),
    holds('keeps int32 state and gives bool outputs', async (opened) => {
      const count: HostTensors = { count: { dtype: 'int32', shape: [], data: Int32Array.of(3) } };
      const state = await opened.createState(count);
      const step: Step = ({ state: { count: n } }) => ({
        outputs: { large: tf.greater(named(n), tf.scalar(3, 'int32')) },
        state: { count: tf.add(named(n), tf.scalar(1, 'int32')) },
      });
      const signature = { inputs: {}, state: { count: { shape: [], dtype: 'int32' } } } as const;
      const compiled = await opened.compile(step, signature);
      const large = (value: number) => ({ large: { dtype: 'bool', shape: [], data: Uint8Array.of(value) } }) as const;
      requireEqual(await compiled.run(state, {}, key), large(0), 0);
      requireEqual(await compiled.run(state, {}, key), large(1), 0);
      requireEqual(await state.read(), { count: { dtype: 'int32', shape: [], data: Int32Array.of(5) } }, 0);
    }),
  ];
}

function refusalCases(holds: Holds): ConformanceCase[] {
  return [
    holds('refuses names and shapes that the state does not have, and changes nothing', async (opened) => {
      const state = await opened.createState({ a: one });
      await requireRefusal(() => state.write({ z: one }), ['VARIABLE_MISSING'], 'writing an unknown entry');
      await requireRefusal(() => state.read(['z']), ['VARIABLE_MISSING'], 'reading an unknown entry');
      await requireRefusal(
        () => state.write({ a: hostTensor(new Float32Array(3), [3]) }),
        ['SHAPE_MISMATCH'],
        'writing another shape',
      );
      requireEqual(await state.read(), { a: one }, 0);
    }),
    holds('refuses inputs that are missing or have another shape', async (opened) => {
      const state = await opened.createState({ a: one });
      const step = await opened.compile(accumulate, accumulateSignature);
      const codes = ['SHAPE_MISMATCH', 'VARIABLE_MISSING'] as const;
      await requireRefusal(() => step.run(state, { x: hostScalar(1) }, key), codes, 'an input of another shape');
      await requireRefusal(() => step.run(state, {}, key), codes, 'a missing input');
      requireEqual(await state.read(), { a: one }, 0);
    }),
    holds('refuses two draws of one name', async (opened) => {
      const step: Step = ({ random }) => ({
        outputs: { sum: tf.add(random.normal('twice', [2]), random.normal('twice', [2])) },
      });
      const runIt = async () => {
        const compiled = await opened.compile(step, { inputs: {}, state: {} });
        await compiled.run(await opened.createState({}), {}, key);
      };
      await requireRefusal(runIt, ['DUPLICATE_NAME'], 'two draws of one name');
    }),
  ];
}

function scalarAndDrawCases(holds: Holds, tolerance: number): ConformanceCase[] {
  return [
    holds('draws what a key and a name stand for, anew for each key', async (opened) => {
      const step: Step = ({ random }) => ({
        outputs: {
          noise: tf.mul(random.normal('noise', [2, 3]), 1),
          share: tf.mul(random.uniform('share', [4]), 1),
        },
      });
      const state = await opened.createState({});
      const compiled = await opened.compile(step, { inputs: {}, state: {} });
      for (const runKey of [key, ['conformance', 18], key]) {
        const expected = {
          noise: hostTensor(drawStepRandom('normal', runKey, 'noise', [2, 3]), [2, 3]),
          share: hostTensor(drawStepRandom('uniform', runKey, 'share', [4]), [4]),
        };
        requireEqual(await compiled.run(state, {}, runKey), expected, tolerance);
      }
    }),
    holds('follows a learning rate that is an input', async (opened) => {
      const step: Step = ({ state: { a }, inputs: { rate } }) => ({
        outputs: { rate: tf.add(named(rate), 0) },
        state: { a: tf.sub(named(a), tf.mul(named(rate), tf.ones([2]))) },
      });
      const state = await opened.createState({ a: one });
      const compiled = await opened.compile(step, { inputs: { rate: scalar }, state: { a: pair } });
      for (const rate of [1, 0.5]) await compiled.run(state, { rate: hostScalar(rate) }, key);
      requireEqual(await state.read(), { a: values(-0.5, 0.5) }, tolerance);
      compiled.dispose();
      state.dispose();
    }),
  ];
}

function values(...data: number[]) {
  return hostTensor(Float32Array.from(data), [data.length]);
}

function present(tensors: NamedTensors, name: string): tf.Tensor {
  return named(tensors[name]);
}

function named(tensor: tf.Tensor | undefined): tf.Tensor {
  if (tensor) return tensor;
  throw new Error('The step was run without one of its tensors.');
}
