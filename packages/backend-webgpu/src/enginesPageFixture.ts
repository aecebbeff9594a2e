import { onnx } from '@unlabel/backend-onnx';
import {
  type Backend,
  type BackendChoice,
  type BackendSession,
  cpu,
  fastest,
  hostScalar,
  hostTensor,
  type Step,
  specsOf,
  tf,
  toTensor,
} from '@unlabel/core';
import { settingOf, startTraining, train, valuesOf } from './trainingFixture';
import { webgpu } from './webgpu';

/** What came of training on engines that share a device. */
export interface Report {
  /** Largest difference from cpu of losses and state, relative to each tensor's magnitude, by training. */
  readonly apart: Readonly<Record<string, number>>;
  /** What was submitted to tfjs's device while ONNX Runtime trained. */ readonly submissions: number;
  /** The tfjs backend of eager ops meanwhile, and what they compute. */ readonly eager: readonly [string, number];
  /** What was chosen, first and again in another session. */ readonly choices: readonly BackendChoice[];
  /** The state after two steps of what was chosen, and after one in the other session. */
  readonly chosenStates: readonly (readonly number[])[];
  /** Losses of a step whose views come from the host, and from tfjs on the device. */ readonly losses: readonly [
    number,
    number,
  ];
  /** Code of the error of a step on a device that is lost. */ readonly lost: string;
}

const wasmPaths = '/onnxruntime/';

export async function run(names: readonly string[]): Promise<Report> {
  const { device } = await webgpu().open();
  let submissions = 0;
  const submit = device.queue.submit.bind(device.queue);
  device.queue.submit = (commands) => {
    submissions++;
    submit(commands);
  };
  const session = await onnx({ provider: 'webgpu', device, wasmPaths }).open();
  const apart: [string, number][] = [];
  for (const name of names) apart.push([name, await differenceFromCpu(session, name)]);
  const submitted = submissions;
  const losses = [await lossOf(session, names, false), await lossOf(session, names, true)] as const;
  const eager = [session.eager, (await tf.sum(tf.ones([3])).data())[0] ?? 0] as const;
  await session.dispose();
  const choices: BackendChoice[] = [];
  const chosenStates: (readonly number[])[] = [];
  for (const steps of [2, 1]) {
    const chosen = await engines((choice) => choices.push(choice)).open();
    chosenStates.push(await halved(chosen, steps));
    await chosen.dispose();
  }
  return {
    apart: Object.fromEntries(apart),
    submissions: submitted,
    eager,
    losses,
    choices,
    chosenStates,
    lost: await codeOfLoss(names),
  };
}

/** Both engines of WebGPU, on one device. */
function engines(onChoice: (choice: BackendChoice) => void): Backend {
  const device = async () => (await webgpu().open()).device;
  return fastest([webgpu(), onnx({ provider: 'webgpu', device, wasmPaths })], { onChoice });
}

/** [8, 4], halved by each step. */
async function halved(session: BackendSession, steps: number): Promise<readonly number[]> {
  const spec = { shape: [2], dtype: 'float32' } as const;
  const halve: Step<'w'> = ({ state: { w = tf.zeros([2]) }, inputs: { half = tf.scalar(0) } }) => {
    const next = tf.mul(w, half);
    return { outputs: { w: next }, state: { w: next } };
  };
  const signature = { inputs: { half: { shape: [], dtype: 'float32' } }, state: { w: spec } } as const;
  const step = await session.compile(halve, signature);
  const state = await session.createState({ w: hostTensor(Float32Array.of(8, 4), [2]) });
  for (let run = 0; run < steps; run++) await step.run(state, { half: hostScalar(0.5) }, ['halve', run]);
  const { w } = await state.read();
  state.dispose();
  return Array.from(w?.data ?? []);
}

async function differenceFromCpu(session: BackendSession, name: string): Promise<number> {
  const active = tf.getBackend();
  const expected = await train(await cpu().open(), settingOf(name));
  await tf.setBackend(active);
  const found = await train(session, settingOf(name));
  const entries = Object.keys(expected.after).map((entry) =>
    difference(valuesOf(expected.after, entry), valuesOf(found.after, entry)),
  );
  return Math.max(difference(expected.losses, found.losses), ...entries);
}

/** Relative to the largest magnitude, or to 0.01 for what is nothing but rounding. */
function difference(expected: readonly number[], found: readonly number[]): number {
  const largest = Math.max(1e-2, ...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs(value - (found[index] ?? Number.NaN)))) / largest;
}

/** The loss of a first step. */
async function lossOf(session: BackendSession, [name = '']: readonly string[], onDevice: boolean): Promise<number> {
  const { step, state, inputs } = await startTraining(session, settingOf(name));
  const views = Object.entries(inputs).filter(([input]) => input.startsWith('views/'));
  const rest = Object.entries(inputs).filter(([input]) => !input.startsWith('views/'));
  const make = () => Object.fromEntries(views.map(([view, value]) => [view, tf.add(toTensor(value), 0)] as const));
  const key = [1, 'step', 0];
  const { loss } = onDevice
    ? await step.run(state, Object.fromEntries(rest), key, { specs: specsOf(Object.fromEntries(views)), make })
    : await step.run(state, inputs, key);
  state.dispose();
  return loss?.data[0] ?? Number.NaN;
}

async function codeOfLoss([name = '']: readonly string[]): Promise<string> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('There is no adapter.');
  const device = await adapter.requestDevice();
  const session = await onnx({ provider: 'webgpu', device, wasmPaths }).open();
  device.destroy();
  return train(session, settingOf(name)).then(
    () => 'none',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}
