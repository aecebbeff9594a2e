import { appendFile, mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { BackendSession, StepSignature } from '../backend';
import { cpu } from '../backends/cpu';
import { toTensor } from '../backends/eager';
import type { BatchSource } from '../batches';
import type { Encoder } from '../encoder';
import { UnlabelError } from '../errors';
import { type HostTensors, hostTensor, specsOf } from '../hostTensor';
import type { BoundObjective, Objective } from '../objective';
import type { Optimizer } from '../optim/optimizer';
import { constantSchedule } from '../optim/schedules';
import { randomStream } from '../random';
import { tf } from '../tf';
import type { TrainingEvent } from './callback';
import { loadCheckpoint } from './checkpoint';
import { pretrain } from './pretrain';
import { type PretrainOptions, runSteps } from './run';
import { folderStore, type RunStore } from './runStore';

let session: BackendSession;

beforeAll(async () => {
  session = await cpu().open();
});

const batchSize = 6;

/** Two noisy copies of points in ℝ⁴, a function of (epoch, batch). */
function points(overrides: Partial<BatchSource> = {}): BatchSource {
  const shape = [batchSize, 4];
  return {
    batchSize,
    batchesPerEpoch: 4,
    samples: 24,
    specs: { 'views/0': { shape, dtype: 'float32' }, 'views/1': { shape, dtype: 'float32' } },
    fingerprint: 'points',
    unreadable: [],
    waitedSeconds: 0,
    dispose: async () => undefined,
    epoch: async function* (epoch, from = 0) {
      for (let batch = from; batch < 4; batch++) {
        const view = (name: string) => {
          const { normal } = randomStream([name, epoch, batch]);
          return hostTensor(Float32Array.from({ length: batchSize * 4 }, normal), shape);
        };
        yield { inputs: { 'views/0': view('a'), 'views/1': view('b') }, indices: new Int32Array(batchSize) };
      }
    },
    ...overrides,
  };
}

/** The same, but for the last batch of an epoch, which holds two. */
function pointsWithRest(): BatchSource {
  const whole = points({ samples: 20 });
  return points({
    samples: 20,
    epoch: async function* (epoch, from = 0) {
      let at = from;
      for await (const { inputs, indices } of whole.epoch(epoch, from)) {
        const count = at++ === 3 ? 2 : batchSize;
        const rows = Object.entries(inputs).map(
          ([name, { data }]) => [name, hostTensor(Float32Array.from(data).subarray(0, count * 4), [count, 4])] as const,
        );
        yield { inputs: Object.fromEntries(rows), indices: indices.subarray(0, count) };
      }
    },
  });
}

const linear: Encoder = {
  name: 'linear',
  inputShape: [4],
  outputDim: 3,
  variables: {
    kernel: {
      shape: [4, 3],
      trainable: true,
      initial: (shape, random) => Float32Array.from({ length: (shape[0] ?? 0) * (shape[1] ?? 0) }, random.normal),
    },
    calls: { shape: [], trainable: false, initial: () => new Float32Array(1) },
  },
  apply: (input, context) => {
    if (context.training) context.update('calls', tf.add(context.get('calls'), 1));
    return tf.matMul<tf.Tensor2D>(input, context.get('kernel'));
  },
};

/** Pulls noisy views together and keeps the kernel's norm near one; noise shows that draws repeat on resuming. */
function pull(noiseScale = 0.1): Objective {
  return {
    name: 'pull',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => ({
      variables: Object.fromEntries(
        Object.entries(encoder.variables).map(([name, value]) => [`encoder/${name}`, value]),
      ),
      schedules: { weight: () => (step) => 1 + step / 10 },
      loss: ({ views, scalars }, context) => {
        const [z0, z1] = views.map((view) => encoder.apply(view, context.scope('encoder')));
        const { weight } = scalars;
        if (!z0 || !z1 || !weight) throw new Error('two views and a weight are expected');
        const noise = context.random.normal('noise', z0.shape);
        const invariance = tf.mean<tf.Scalar>(tf.squaredDifference(tf.add(z0, tf.mul(noiseScale, noise)), z1));
        const norm = tf.square<tf.Scalar>(tf.sub(tf.sum<tf.Scalar>(tf.square(context.get('encoder/kernel'))), 1));
        return { loss: tf.mul(weight, tf.add(invariance, norm)), terms: { invariance, norm }, projection: z0 };
      },
    }),
  };
}

const momentum: Optimizer = {
  name: 'momentum',
  slots: (parameters) =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, { shape }]) => [
        `velocity/${name}`,
        { shape, trainable: false, initial: () => new Float32Array(shape.reduce((a, b) => a * b, 1)) },
      ]),
    ),
  update: ({ parameters, gradients, slots, learningRate }) => {
    const moved = Object.entries(parameters).map(([name, value]) => {
      const velocity = tf.add(tf.mul(0.9, slots[`velocity/${name}`] ?? 0), gradients[name] ?? 0);
      return { name, value: tf.sub(value, tf.mul(learningRate, velocity)), velocity };
    });
    return {
      parameters: Object.fromEntries(moved.map(({ name, value }) => [name, value])),
      slots: Object.fromEntries(moved.map(({ name, velocity }) => [`velocity/${name}`, velocity])),
    };
  },
};

function options(overrides: Partial<PretrainOptions> = {}): PretrainOptions {
  return {
    batches: points(),
    encoder: linear,
    objective: pull(),
    optimizer: momentum,
    session,
    epochs: 3,
    learningRate: () => constantSchedule(0.003),
    ...overrides,
  };
}

async function collect(run: PretrainOptions): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of pretrain(run)) events.push(event);
  return events;
}

function finalWeights(events: readonly TrainingEvent[]): HostTensors {
  const end = events.at(-1);
  if (end?.type !== 'end') throw new Error('the run did not end');
  return end.weights;
}

function losses(events: readonly TrainingEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
}

async function temporaryStore(): Promise<RunStore> {
  return folderStore(await mkdtemp(join(tmpdir(), 'unlabel-')));
}

/** Stops a run after so many updates, as Ctrl-C does. */
async function interruptAt(step: number, run: PretrainOptions): Promise<TrainingEvent[]> {
  const controller = new AbortController();
  const stop = {
    name: 'stop',
    onEvent: (event: TrainingEvent) => void (event.type === 'step' && event.step === step && controller.abort()),
  };
  return collect({ ...run, callbacks: [stop], signal: controller.signal });
}

test('yields start, steps, epochs and end in order, and lowers the loss', async () => {
  const events = await collect(options({ epochs: 10 }));
  expect(events.map((event) => event.type).slice(0, 7)).toEqual([
    'start',
    'step',
    'step',
    'step',
    'step',
    'epoch',
    'step',
  ]);
  const values = losses(events);
  expect(values).toHaveLength(40);
  expect((values.at(-1) ?? 0) / 4).toBeLessThan((values[0] ?? 0) / 10); // the weight has grown fivefold meanwhile
  expect(finalWeights(events).calls?.data[0]).toBe(80);
});

test('the same seed gives the same run, and another seed another one', async () => {
  const [first, second, other] = [
    await collect(options()),
    await collect(options()),
    await collect(options({ seed: 1 })),
  ];
  expect(losses(second)).toEqual(losses(first));
  expect(losses(other)).not.toEqual(losses(first));
});

test.each([1, 5, 8])(
  'a run interrupted after update %i and resumed ends bit for bit like an uninterrupted one',
  async (step) => {
    const whole = await collect(options({ averageDecay: 0.9 }));
    const store = await temporaryStore();
    const interrupted = await interruptAt(step, options({ store, averageDecay: 0.9 }));
    expect(interrupted.at(-1)).toMatchObject({ type: 'end', aborted: true, step });
    const resumed = await collect(options({ store, averageDecay: 0.9, resume: true }));
    expect([...losses(interrupted), ...losses(resumed)]).toEqual(losses(whole));
    expect(finalWeights(resumed)).toEqual(finalWeights(whole));
  },
);

test.each([
  ['whole', points, {}],
  ['and smaller at the end', pointsWithRest, {}],
  ['accumulated', points, { accumulate: 2 }],
] as const)(
  'batches %s whose views are made on the device train as those of the host do, and leave no tensors',
  async (_, batchesOf, overrides) => {
    const batches = batchesOf();
    const expected = await collect(options({ batches, ...overrides }));
    const { numTensors } = tf.memory();
    const found = await collect(options({ batches: { ...batches, epoch: madeOnDevice(batches) }, ...overrides }));
    expect(losses(found)).toEqual(losses(expected));
    expect(finalWeights(found)).toEqual(finalWeights(expected));
    expect(tf.memory().numTensors).toBe(numTensors);
  },
);

/** The same batches, with half of their views still to be made. */
function madeOnDevice(batches: BatchSource): BatchSource['epoch'] {
  return async function* (epoch, from) {
    for await (const { inputs, indices } of batches.epoch(epoch, from)) {
      const { 'views/1': view, ...host } = inputs;
      if (!view) throw new Error('two views are expected');
      const make = () => ({ 'views/1': toTensor(view) });
      yield { inputs: host, onDevice: { specs: specsOf({ 'views/1': view }), make }, indices };
    }
  };
}

test('accumulating two batches moves the parameters by the mean of their gradients', async () => {
  const still = { objective: pull(0), learningRate: () => constantSchedule(0), epochs: 1 };
  const slot = 'optimizer/velocity/encoder/kernel';
  const single = await temporaryStore();
  await interruptAt(1, options({ ...still, store: single }));
  const double = await temporaryStore();
  await interruptAt(1, options({ ...still, store: double, accumulate: 2 }));
  const one = (await loadCheckpoint(single)).state[slot]?.data ?? [];
  const gradientOfSecond = await gradientOf(1);
  const expected = Array.from(one, (value, index) => (value + (gradientOfSecond[index] ?? 0)) / 2);
  const mean = (await loadCheckpoint(double)).state[slot]?.data ?? [];
  expect(mean).toHaveLength(12);
  for (const [index, value] of expected.entries()) expect(mean[index]).toBeCloseTo(value, 4);
});

/** The first update's gradient on batch `from` alone, without noise. */
async function gradientOf(from: number): Promise<ArrayLike<number>> {
  const shifted = points();
  const store = await temporaryStore();
  const batches = points({
    epoch: async function* (epoch) {
      let index = 0;
      for await (const batch of shifted.epoch(epoch)) {
        if (index++ === from) yield batch;
      }
    },
    batchesPerEpoch: 1,
  });
  await collect(options({ batches, objective: pull(0), store, epochs: 1, learningRate: () => constantSchedule(0) }));
  return (await loadCheckpoint(store)).state['optimizer/velocity/encoder/kernel']?.data ?? [];
}

test('a moving average of the encoder is what the run ends with', async () => {
  const last = finalWeights(await collect(options())).kernel?.data ?? [];
  const average = finalWeights(await collect(options({ averageDecay: 0.95 }))).kernel?.data ?? [];
  expect(average).toHaveLength(12);
  expect(Array.from(average)).not.toEqual(Array.from(last));
});

test('callbacks see every event, embed with the present encoder, and their reports join the stream and the log', async () => {
  const store = await temporaryStore();
  const seen: string[] = [];
  const events = await collect(
    options({
      store,
      callbacks: [
        {
          name: 'norms',
          onEvent: async (event, run) => {
            seen.push(event.type);
            if (event.type !== 'epoch') return;
            const features = await run.embed(new Float32Array(2 * 4).fill(1), 2);
            run.emit({ type: 'report', step: event.step, source: 'norms', figures: { first: features[0] ?? 0 } });
          },
        },
      ],
    }),
  );
  const reports = events.flatMap((event) => (event.type === 'report' ? [event.figures.first ?? 0] : []));
  expect(reports).toHaveLength(3);
  expect(new Set(reports).size).toBe(3);
  expect(seen).toEqual(events.map((event) => event.type));
  const log = await readFile(join(store.location, 'metrics.jsonl'), 'utf8');
  expect(log.split('\n').filter((line) => line.includes('"norms"'))).toHaveLength(3);
});

test('the log of a resumed run has each step once, also when it was cut off in the middle of a line', async () => {
  const store = await temporaryStore();
  await interruptAt(5, options({ store, checkpointEvery: 4 }));
  await appendFile(join(store.location, 'metrics.jsonl'), '{"type":"step","step":6,"loss":1}\n{"type":"ste');
  await collect(options({ store, resume: true }));
  const lines = (await readFile(join(store.location, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  const steps = lines
    .map((line): { type: string; step: number } => JSON.parse(line))
    .filter(({ type }) => type === 'step');
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('a crash in the middle of a save leaves the checkpoint before it, and resuming says what it passed over', async () => {
  const whole = await collect(options());
  const store = await temporaryStore();
  await collect(options({ store }));
  const folder = join(store.location, 'checkpoints');
  const [, newest = ''] = await readdir(folder);
  await truncate(join(folder, newest), 200);
  await writeFile(join(folder, 'step-00000099.safetensors.partial'), 'cut off');
  const events = await collect(options({ store, resume: true }));
  expect(events[0]).toMatchObject({ type: 'start', resumedFrom: 8 });
  expect(events[1]).toMatchObject({ type: 'warning', source: 'checkpoint' });
  expect(finalWeights(events)).toEqual(finalWeights(whole));
});

test('a checkpoint with a flipped bit is noticed', async () => {
  const store = await temporaryStore();
  await collect(options({ store }));
  for (const name of await readdir(join(store.location, 'checkpoints'))) {
    const path = join(store.location, 'checkpoints', name);
    const bytes = await readFile(path);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    await writeFile(path, bytes);
  }
  await expect(collect(options({ store, resume: true }))).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
});

test('a full disk stops the run with the last whole checkpoint named and kept', async () => {
  const store = await temporaryStore();
  const full: RunStore = {
    ...store,
    write: async (path, bytes) => {
      if (path.includes('00000008'))
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      return store.write(path, bytes);
    },
  };
  const error = await collect(options({ store: full })).catch((caught: unknown) => caught);
  expect(UnlabelError.is(error, 'CHECKPOINT_WRITE_FAILED') && error.message).toMatch(
    /ENOSPC.*step-00000004.*make room/,
  );
  const resumed = await collect(options({ store, resume: true }));
  expect(finalWeights(resumed)).toEqual(finalWeights(await collect(options())));
});

test('a loss that is not finite stops the run and names step, term and checkpoint', async () => {
  const store = await temporaryStore();
  const explode = options({ store, learningRate: () => (step) => (step < 5 ? 0.001 : 1e30), epochs: 4 });
  const error = await collect(explode).catch((caught: unknown) => caught);
  expect(UnlabelError.is(error, 'NON_FINITE_LOSS') && error.message).toMatch(
    /step \d+, .* is (NaN|Infinity).*step-00000004/,
  );
});

test('one term that is not finite stops the run, though the loss is', async () => {
  const objective = pull();
  const broken: Objective = {
    ...objective,
    bind: (encoder) => {
      const bound = objective.bind(encoder);
      const loss: BoundObjective['loss'] = (inputs, context) => {
        const report = bound.loss(inputs, context);
        return { ...report, terms: { ...report.terms, entropy: tf.log(tf.sub(report.loss, report.loss)) } };
      };
      return { ...bound, loss };
    },
  };
  const error = await collect(options({ objective: broken })).catch((caught: unknown) => caught);
  expect(UnlabelError.is(error, 'NON_FINITE_LOSS') && error.message).toMatch(/step 1, terms\/entropy is -Infinity/);
});

test('weights that are not finite are not saved, so that the last checkpoint is a good one', async () => {
  const store = await temporaryStore();
  const late = options({ store, checkpointEvery: 1, learningRate: () => (step) => (step < 5 ? 0.001 : Number.NaN) });
  const error = await collect(late).catch((caught: unknown) => caught);
  expect(UnlabelError.is(error, 'NON_FINITE_LOSS') && error.message).toMatch(
    /After step 6, encoder\/kernel holds NaN.*step-00000005/,
  );
  expect((await loadCheckpoint(store)).step).toBe(5);
});

test('the last batch of an epoch may be smaller, and weighs as many samples as it holds', async () => {
  const events = await collect(options({ batches: pointsWithRest(), epochs: 2 }));
  const [a = 0, b = 0, c = 0, rest = 0] = losses(events);
  expect(losses(events)).toHaveLength(8);
  const epoch = events.find((event) => event.type === 'epoch');
  expect(epoch?.meanLoss).toBeCloseTo((6 * (a + b + c) + 2 * rest) / 20, 6);
  expect(rest).not.toBe(losses(await collect(options()))[3]);
});

test.each([3, 4, 6])(
  'with a smaller last batch, a run interrupted after update %i and resumed ends bit for bit the same',
  async (step) => {
    const batches = pointsWithRest();
    const whole = await collect(options({ batches }));
    const store = await temporaryStore();
    const interrupted = await interruptAt(step, options({ store, batches }));
    const resumed = await collect(options({ store, batches, resume: true }));
    expect([...losses(interrupted), ...losses(resumed)]).toEqual(losses(whole));
    expect(finalWeights(resumed)).toEqual(finalWeights(whole));
  },
);

test('a smaller last batch can complete an update of several batches', async () => {
  const events = await collect(options({ batches: pointsWithRest(), accumulate: 2, epochs: 2 }));
  expect(losses(events)).toHaveLength(4);
  expect(losses(events).every(Number.isFinite)).toBe(true);
});

test('the steps of a run are those that it compiles, for the same signature', async () => {
  const compiled: StepSignature[] = [];
  const watching: BackendSession = {
    ...session,
    compile: (step, signature) => {
      compiled.push(signature);
      return session.compile(step, signature);
    },
  };
  const accumulating = options({ session: watching, accumulate: 2, averageDecay: 0.9 });
  for await (const event of pretrain(accumulating)) if (event.type === 'step') break;
  const { update, accumulate, signature } = runSteps(accumulating);
  expect(compiled).toEqual([signature, signature]);
  expect(accumulate).toBeDefined();
  expect(Object.keys(signature.state)).toContain('average/encoder/kernel');
  expect(update).not.toBe(accumulate);
});

test('a new run leaves the checkpoints of another alone', async () => {
  const store = await temporaryStore();
  const { step, state } = await collect(options({ store })).then(() => loadCheckpoint(store));
  await expect(collect(options({ store, seed: 7 }))).rejects.toMatchObject({ code: 'RUN_FOLDER_INVALID' });
  expect(await loadCheckpoint(store)).toMatchObject({ step, state });
});

test('a step that cannot be compiled leaves no tensors behind', async () => {
  const before = tf.memory().numTensors;
  const failing = { ...session, compile: () => Promise.reject(new Error('not this one')) };
  await expect(collect(options({ session: failing }))).rejects.toThrow('not this one');
  expect(tf.memory().numTensors).toBe(before);
});

test('resuming with other options lists what changed', async () => {
  const store = await temporaryStore();
  await interruptAt(3, options({ store, identity: { 'objective.temperature': '0.2' } }));
  const changed = options({ store, resume: true, seed: 7, identity: { 'objective.temperature': '0.5' } });
  await expect(collect(changed)).rejects.toThrow(/seed \(was 0, is 7\), objective.temperature \(was 0.2, is 0.5\)/);
});

test.each([
  ['INVALID_OPTION', { epochs: 0 }],
  ['INVALID_OPTION', { averageDecay: 1 }],
  ['INVALID_OPTION', { accumulate: 9 }],
  ['INVALID_OPTION', { accumulate: 1.5 }],
  ['INVALID_OPTION', { checkpointEvery: 0 }],
  ['INVALID_OPTION', { clipNorm: 0 }],
  ['INVALID_OPTION', { resume: true }],
  ['INVALID_OPTION', { batches: points({ specs: { 'views/0': { shape: [6, 4], dtype: 'float32' } } }) }],
  ['BATCH_TOO_SMALL', { batches: points({ samples: 19 }) }], // 6, 6, 6 and 1
  ['BATCH_TOO_SMALL', { batches: points({ batchSize: 1 }) }],
  ['SHAPE_MISMATCH', { encoder: { ...linear, inputShape: [5] } }],
  ['CHECKPOINT_NOT_FOUND', { resume: true, store: folderStore(join(tmpdir(), 'unlabel-nowhere')) }],
] satisfies [string, Partial<PretrainOptions>][])('refuses with %s', async (code, overrides) => {
  await expect(collect(options(overrides))).rejects.toMatchObject({ code });
});

test('runs in the same memory: no tensors are left behind', async () => {
  const before = tf.memory().numTensors;
  await collect(options());
  expect(tf.memory().numTensors).toBe(before);
});
