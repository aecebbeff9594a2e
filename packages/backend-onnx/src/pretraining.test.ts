import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adamw,
  type BackendSession,
  type BatchSource,
  type BoundObjective,
  constantSchedule,
  cpu,
  folderStore,
  hostTensor,
  loadCheckpoint,
  type Objective,
  type PretrainOptions,
  pretrain,
  randomStream,
  sizeOf,
  type TrainingEvent,
  tf,
  UnlabelError,
} from '@unlabel/core';
import { simclr } from '@unlabel/losses-contrastive';
import { resnet } from '@unlabel/models';
import { afterAll, expect, test } from 'vitest';
import { onnx } from './onnx';

const shape = [8, 8, 1] as const;
const batchSize = 32;
const samples = 70; // two batches and 6 that do not fill one
const batchesPerEpoch = 3;

const session = await onnx({ threads: 1 }).open();
afterAll(() => session.dispose());

/** Two noisy views of 70 images; their number in a batch follows from its place. */
const batches: BatchSource = {
  batchSize,
  batchesPerEpoch,
  samples,
  specs: viewsOf(batchSize, () => 0),
  fingerprint: 'noise',
  unreadable: [],
  waitedSeconds: 0,
  dispose: async () => undefined,
  epoch: async function* (epoch, from = 0) {
    for (let batch = from; batch < batchesPerEpoch; batch++) {
      const count = Math.min(batchSize, samples - batch * batchSize);
      yield { inputs: viewsOf(count, randomStream([epoch, batch]).normal), indices: new Int32Array(count) };
    }
  },
};

/** As loaders give them: windows into arrays that hold a whole batch. */
function viewsOf(count: number, draw: () => number) {
  const size = sizeOf(shape);
  const view = () => {
    const whole = Float32Array.from({ length: (1 + batchSize) * size }, draw);
    return hostTensor(whole.subarray(size, (1 + count) * size), [count, ...shape]);
  };
  return { 'views/0': view(), 'views/1': view() };
}

function options(overrides: Partial<PretrainOptions> = {}): PretrainOptions {
  return {
    batches,
    encoder: resnet({ inputShape: shape, stem: 'small-image', blocks: [1], widths: [6], strides: [2] }),
    objective: simclr({ projector: [8, 8] }),
    optimizer: adamw(),
    session,
    epochs: 2,
    learningRate: () => constantSchedule(1e-3),
    ...overrides,
  };
}

async function collect(run: PretrainOptions): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of pretrain(run)) events.push(event);
  return events;
}

const losses = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));

const weightsOf = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.type === 'end' ? [event.weights] : []));

async function temporaryStore() {
  return folderStore(await mkdtemp(join(tmpdir(), 'unlabel-onnx-')));
}

test('a smaller last batch trains as it does on the eager backend, from a second form of the step', async () => {
  const compiled: (readonly number[] | undefined)[] = [];
  const counting: BackendSession = {
    ...session,
    compile: (step, signature) => {
      compiled.push(signature.inputs['views/0']?.shape);
      return session.compile(step, signature);
    },
  };
  const captured = losses(await collect(options({ session: counting })));
  const eager = losses(await collect(options({ session: await cpu().open() })));
  expect(captured).toHaveLength(2 * batchesPerEpoch);
  for (const [step, loss] of captured.entries()) expect(loss / (eager[step] ?? 0)).toBeCloseTo(1, 3);
  expect(compiled).toEqual([
    [32, 8, 8, 1],
    [6, 8, 8, 1],
  ]);
});

test.each([2, 3, 4])('stopped after update %i and resumed, it ends bit for bit the same', async (stop) => {
  const whole = await collect(options());
  const store = await temporaryStore();
  const controller = new AbortController();
  const callback = {
    name: 'stop',
    onEvent: (event: TrainingEvent) => void (event.type === 'step' && event.step === stop && controller.abort()),
  };
  const first = await collect(options({ store, callbacks: [callback], signal: controller.signal }));
  const second = await collect(options({ store, resume: true }));
  expect([...losses(first), ...losses(second)]).toEqual(losses(whole));
  expect(weightsOf(second)).toEqual(weightsOf(whole));
});

/** SimCLR with one more term, which the loss does not contain. */
function withTerm(term: (loss: tf.Scalar) => tf.Scalar): Objective {
  const objective = simclr({ projector: [8, 8] });
  return {
    ...objective,
    bind: (encoder) => {
      const bound = objective.bind(encoder);
      const loss: BoundObjective['loss'] = (inputs, context) => {
        const report = bound.loss(inputs, context);
        return { ...report, terms: { ...report.terms, odd: term(report.loss) } };
      };
      return { ...bound, loss };
    },
  };
}

const zero = (loss: tf.Scalar) => tf.sub<tf.Scalar>(loss, loss);

test.each([
  ['NaN', (loss: tf.Scalar) => tf.div<tf.Scalar>(zero(loss), zero(loss))],
  ['-Infinity', (loss: tf.Scalar) => tf.log<tf.Scalar>(zero(loss))],
])('a term that is %s stops the run with its name and the step', async (value, term) => {
  const error = await collect(options({ objective: withTerm(term) })).catch((caught: unknown) => caught);
  expect(UnlabelError.is(error, 'NON_FINITE_LOSS') && error.message).toMatch(`At step 1, terms/odd is ${value}.`);
});

test('weights that leave the numbers stop the run before they are saved, with the last good checkpoint', async () => {
  const store = await temporaryStore();
  const learningRate = () => (step: number) => (step < 4 ? 1e-3 : Number.POSITIVE_INFINITY);
  const error = await collect(options({ store, learningRate, checkpointEvery: 1 })).catch((caught: unknown) => caught);
  expect(UnlabelError.is(error, 'NON_FINITE_LOSS') && error.message).toMatch(
    /After step 5, \S+ holds \S+, which was not saved\..*step-00000004/,
  );
  expect((await loadCheckpoint(store)).step).toBe(4);
});
