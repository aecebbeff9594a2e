import { mkdtemp, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { BackendSession } from '../backend';
import { cpu } from '../backends/cpu';
import type { BatchSource } from '../batches';
import type { Encoder } from '../encoder';
import { hostTensor, type TensorSpecs } from '../hostTensor';
import { dense } from '../nn/dense';
import { variablesOf } from '../nn/layer';
import { mlpHead } from '../nn/mlpHead';
import type { Objective } from '../objective';
import { constantSchedule } from '../optim/schedules';
import { sgd } from '../optim/sgd';
import { tf } from '../tf';
import type { RunHandle } from './callback';
import { keepCheckpoint, listCheckpoints, loadKeptCheckpoint } from './checkpoint';
import { pretrain } from './pretrain';
import { createProjector } from './projector';
import type { RunOptions } from './run';
import { folderStore, type RunStore } from './runStore';

let session: BackendSession;

beforeAll(async () => {
  session = await cpu().open();
});

const batchSize = 4;
const floats = (shape: readonly number[]) => ({ shape, dtype: 'float32' }) as const;

function batches(specs: TensorSpecs): BatchSource {
  return {
    batchSize,
    batchesPerEpoch: 3,
    samples: 3 * batchSize,
    specs,
    fingerprint: 'ramps',
    unreadable: [],
    waitedSeconds: 0,
    dispose: async () => undefined,
    epoch: async function* (_, from = 0) {
      for (let batch = from; batch < 3; batch++) {
        const filled = Object.entries(specs).map(([name, { shape }]) => {
          const length = shape.reduce((product, extent) => product * extent, 1);
          return [
            name,
            hostTensor(
              Float32Array.from({ length }, (_, at) => Math.sin(at + batch)),
              shape,
            ),
          ] as const;
        });
        yield { inputs: Object.fromEntries(filled), indices: new Int32Array(batchSize) };
      }
    },
  };
}

const body = dense({ inputDim: 3, outputDim: 2 });
const encoder: Encoder = {
  name: 'dense',
  inputShape: [3],
  outputDim: 2,
  variables: body.variables,
  apply: (input, context) => body.apply(tf.reshape(input, [-1, 3]), context),
};

/** Matches views, draws a mask, has a schedule, and keeps batch statistics in its head. */
const objective: Objective = {
  name: 'match',
  views: { min: 2 },
  minBatch: 2,
  bind: (network) => {
    const projector = mlpHead({ dims: [2, 6, 5] });
    return {
      variables: variablesOf({ encoder: network, projector }),
      schedules: { scale: () => (step) => 1 + step },
      draws: {
        specs: (batch) => ({ mask: floats([batch, 1]) }),
        draw: (_, batch) => ({ mask: hostTensor(new Float32Array(batch).fill(1), [batch, 1]) }),
      },
      loss: ({ views, tensors, scalars }, context) => {
        const [z0, z1] = views.map((view) => {
          const h = network.apply(view, context.scope('encoder'));
          return projector.apply(h, context.scope('projector'));
        });
        const { mask } = tensors;
        const { scale } = scalars;
        if (!z0 || !z1 || !mask || !scale) throw new Error('views, a mask and a scale are expected');
        const loss = tf.mul<tf.Scalar>(scale, tf.mean(tf.mul(mask, tf.squaredDifference(z0, z1))));
        return { loss, terms: { match: loss }, projection: z0 };
      },
    };
  },
};

const views = { 'views/0': floats([batchSize, 3]), 'views/1': floats([batchSize, 3]) };

function options(specs: TensorSpecs = views): RunOptions {
  const learningRate = () => constantSchedule(0.1);
  return { batches: batches(specs), encoder, objective, optimizer: sgd(), epochs: 2, learningRate };
}

/** Runs an epoch or two and lets `look` use the run's handle after each. */
async function during(look: (run: RunHandle, step: number) => Promise<void>, run = options(), store?: RunStore) {
  const onEvent = async (event: { type: string; step?: number }, handle: RunHandle) => {
    if (event.type === 'epoch') await look(handle, event.step ?? 0);
  };
  const callbacks = [{ name: 'look', onEvent }];
  for await (const _ of pretrain({ ...run, session, callbacks, ...(store && { store }) }));
}

async function temporaryStore(): Promise<RunStore> {
  return folderStore(await mkdtemp(join(tmpdir(), 'unlabel-projector-')));
}

const samples = Float32Array.from({ length: 11 * 3 }, (_, at) => Math.cos(at * at));

test('held-out samples are projected one by one: neither their number nor their company matters', async () => {
  await during(async (run) => {
    const all = await run.project(samples, 11);
    expect([all.count, all.dim, all.features.length]).toEqual([11, 5, 55]);
    const alone = await run.project(samples.subarray(30), 1);
    for (const [at, value] of alone.features.entries()) expect(all.features[50 + at]).toBeCloseTo(value, 5);
    expect(new Set(all.features).size).toBeGreaterThan(40);
  });
});

test('neither do local crops, of which there are none', async () => {
  const projected: Float32Array[] = [];
  for (const specs of [views, { ...views, 'views/2': floats([batchSize, 6]) }]) {
    const onEvent = async ({ type }: { type: string }, run: RunHandle) => {
      if (type === 'start') projected.push((await run.project(samples, 11)).features);
    };
    for await (const _ of pretrain({ ...options(specs), session, callbacks: [{ name: 'look', onEvent }] }));
  }
  expect(projected[0]?.some((value) => value !== 0)).toBe(true);
  expect(projected[1]).toEqual(projected[0]);
});

test('projecting leaves the run as it was', async () => {
  const weights: Float32Array[] = [];
  for (const look of [async () => undefined, async (run: RunHandle) => void (await run.project(samples, 11))]) {
    const run = options();
    const callbacks = [{ name: 'look', onEvent: async (_: unknown, handle: RunHandle) => look(handle) }];
    for await (const event of pretrain({ ...run, session, callbacks })) {
      if (event.type === 'end') weights.push(Float32Array.from(event.weights.kernel?.data ?? []));
    }
  }
  expect(weights[0]?.length).toBe(6);
  expect(weights[1]).toEqual(weights[0]);
});

test('a checkpoint projects as the run did when it was kept', async () => {
  const store = await temporaryStore();
  let seen = new Float32Array();
  const look = async (run: RunHandle, step: number) => {
    if (step !== 3) return;
    seen = Float32Array.from((await run.project(samples, 11)).features);
    await run.keep('first', { reason: 'a test' });
  };
  await during(look, options(), store);
  const checkpoint = await loadKeptCheckpoint(store, 'first');
  expect([checkpoint.step, checkpoint.facts]).toEqual([3, { reason: 'a test' }]);
  const projector = await createProjector(session, options(), checkpoint);
  expect((await projector.project(samples, 11)).features).toEqual(seen);
  await expect(projector.project(samples, 10)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  await expect(projector.project(samples, 0)).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
  projector.dispose();
});

test('kept checkpoints stand apart from those that runs resume from, and are replaced by name', async () => {
  const store = await temporaryStore();
  await during((run, step) => run.keep('best', { step: `${step}` }), options(), store);
  expect(await listCheckpoints(store)).toEqual([
    'checkpoints/step-00000003.safetensors',
    'checkpoints/step-00000006.safetensors',
  ]);
  expect((await loadKeptCheckpoint(store, 'best')).facts).toEqual({ step: '6' });
  await expect(loadKeptCheckpoint(store, 'worst')).rejects.toMatchObject({
    code: 'CHECKPOINT_NOT_FOUND',
    fix: 'There are best, step-00000003, step-00000006.',
  });
  for (const name of ['step-1', '../best', 'a b', '']) {
    const kept = keepCheckpoint(store, name, { step: 1, identity: {}, state: {} });
    await expect(kept).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  }
});

test('a damaged checkpoint tells a run nothing, and a run without a store keeps none', async () => {
  const store = await temporaryStore();
  const known: unknown[] = [];
  const look = async (run: RunHandle, step: number) => {
    if (step === 3) {
      await run.keep('best', { a: 'b' });
      known.push(await run.kept('best'), await run.kept('other'));
      await truncate(join(store.location, 'checkpoints/best.safetensors'), 100);
    }
    if (step === 6) known.push(await run.kept('best'));
  };
  await during(look, options(), store);
  expect(known).toEqual([{ a: 'b' }, undefined, undefined]);
  await expect(during((run) => run.keep('best', {}))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('features of the same array are computed once between updates, and are the asker’s to change', async () => {
  let applied = 0;
  const counting: Encoder = {
    ...encoder,
    apply: (input, context) => {
      applied++;
      return encoder.apply(input, context);
    },
  };
  const counts: number[] = [];
  const look = async (run: RunHandle) => {
    const before = applied;
    const first = await run.embed(samples, 11);
    const value = first[0];
    first.fill(0);
    const again = await run.embed(samples, 11);
    expect(again[0]).toBe(value);
    counts.push(applied - before);
  };
  await during(look, { ...options(), encoder: counting });
  expect(counts).toEqual([1, 1]);
});
