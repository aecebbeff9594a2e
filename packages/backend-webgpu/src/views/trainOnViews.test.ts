import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grayscale, randomResizedCrop, rotation, simclrViews, viewPipeline } from '@unlabel/augment';
import {
  constantSchedule,
  type Dataset,
  folderStore,
  type ImageSample,
  type PretrainOptions,
  pretrain,
  randomStream,
  sgd,
  type TrainingEvent,
  tf,
  UnlabelError,
} from '@unlabel/core';
import { inMemory, loader } from '@unlabel/data';
import { simclr } from '@unlabel/losses-contrastive';
import { mlp } from '@unlabel/models';
import { beforeAll, expect, test } from 'vitest';
import { registeredDevice } from '../device/tfjsDevice';
import type { WebgpuSession } from '../session';
import { webgpu } from '../webgpu';
import { cropProgram } from './viewPrograms';

let session: WebgpuSession;
let images: Dataset<ImageSample>;
let whole: Promise<Trained> | undefined;

beforeAll(async () => {
  session = await webgpu({ rendersViews: true }).open();
  images = damaged(await inMemory(Array.from({ length: 24 }, (_, index) => picture(20 + index, 31 - index))), [4, 19]);
});

/** A run on views of the GPU from first to last, which the tests share. */
function wholeRun(): Promise<Trained> {
  whole ??= train('session');
  return whole;
}

function picture(height: number, width: number): ImageSample {
  const random = randomStream(['picture', height, width]);
  const data = Uint8Array.from({ length: height * width * 3 }, () => random.integer(256));
  return { data, height, width, channels: 3 };
}

function damaged(dataset: Dataset<ImageSample>, indices: readonly number[]): Dataset<ImageSample> {
  return {
    ...dataset,
    read: (index) => {
      if (indices.includes(index)) throw new UnlabelError('SAMPLE_UNREADABLE', `Image ${index} is damaged.`);
      return dataset.read(index);
    },
  };
}

interface Trained {
  readonly losses: readonly number[];
  readonly unreadable: readonly number[];
  /** Kernels of views that were run. */ readonly crops: number;
}

/** Trains on three batches, with views rendered by the session or on this thread. */
async function train(where: 'session' | 'here', more: Partial<PretrainOptions> = {}): Promise<Trained> {
  const batches = loader({
    dataset: images,
    views: simclrViews({ size: 12 }),
    batchSize: 8,
    seed: 5,
    maxUnreadableShare: 0.1,
    workers: 0,
    ...(where === 'session' && { session }),
  });
  const crops = watchCrops();
  const losses: number[] = [];
  const unreadable: number[] = [];
  const follow = (event: TrainingEvent) => {
    if (event.type === 'step') losses.push(event.loss);
    if (event.type === 'end') unreadable.push(...event.unreadable.map(({ index }) => index));
  };
  const run = pretrain({
    batches,
    encoder: mlp({ inputShape: [12, 12, 3], hidden: [], outputDim: 8 }),
    objective: simclr({ projector: [8] }),
    optimizer: sgd(),
    session,
    epochs: 1,
    learningRate: () => constantSchedule(1e-3),
    ...more,
  });
  for await (const event of run) follow(event);
  await batches.dispose();
  return { losses, unreadable: unreadable.sort((a, b) => a - b), crops: crops() };
}

/** Counts views' crops from here on, until it is asked how many there were. */
function watchCrops(): () => number {
  const dispatcher = registeredDevice()?.dispatcher;
  if (!dispatcher) throw new Error('There is no device.');
  const { run } = dispatcher;
  let crops = 0;
  dispatcher.run = (program, call) => {
    if (program.name === cropProgram.name) crops++;
    return run(program, call);
  };
  return () => {
    dispatcher.run = run;
    return crops;
  };
}

test('losses on views of the GPU are those on the same views of the CPU', async () => {
  const expected = await train('here');
  const found = await wholeRun();
  expect([expected.crops, found.crops]).toEqual([0, 2 * 3]);
  expect(found.losses).toHaveLength(3);
  for (const [step, loss] of found.losses.entries()) {
    expect(Math.abs(loss - (expected.losses[step] ?? Number.NaN))).toBeLessThan(1e-4);
  }
  expect(new Set(found.losses).size).toBe(3);
  expect([expected.unreadable, found.unreadable]).toEqual([
    [4, 19],
    [4, 19],
  ]);
});

test('a run that is interrupted in the middle of an epoch goes on bit for bit, and no tensors are left', async () => {
  const store = folderStore(await mkdtemp(join(tmpdir(), 'unlabel-')));
  const controller = new AbortController();
  const stop = { name: 'stop', onEvent: ({ type }: TrainingEvent) => void (type === 'step' && controller.abort()) };
  const { losses } = await wholeRun();
  const { numTensors } = tf.memory();
  const interrupted = await train('session', { store, callbacks: [stop], signal: controller.signal });
  const resumed = await train('session', { store, resume: true });
  expect(interrupted.losses).toHaveLength(1);
  expect([...interrupted.losses, ...resumed.losses]).toEqual(losses);
  expect(tf.memory().numTensors).toBe(numTensors);
});

test('views that the GPU cannot render, and all where it is none, are left to the loader', async () => {
  const transforms = [grayscale(), rotation()];
  const view = { count: 2, size: 12, crop: randomResizedCrop() };
  expect(session.views?.(viewPipeline({ channels: 3, views: [{ ...view, transforms }] }))).toBeUndefined();
  expect(session.views?.(viewPipeline({ channels: 3, views: [view] }))).toBeDefined();
  expect((await webgpu().open()).views?.(viewPipeline({ channels: 3, views: [view] }))).toBeUndefined();
});
