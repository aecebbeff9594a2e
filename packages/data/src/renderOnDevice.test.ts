import { smallImageViews } from '@unlabel/augment';
import {
  type BackendSession,
  type Batch,
  type BatchSource,
  cpu,
  type Dataset,
  type ImageSample,
  tf,
  UnlabelError,
  type ViewPipeline,
} from '@unlabel/core';
import { expect, test } from 'vitest';
import { type LoaderOptions, loader } from './loader';
import { fashionMnist } from './readers/fashionMnist';
import { allocateViews } from './renderBatch';
import { subset } from './subset';

await cpu().open();

const clothes = subset(
  await fashionMnist(),
  Array.from({ length: 50 }, (_, index) => index),
);
const views = smallImageViews({ size: 12 });

/** A session that renders each sample by the pipeline itself, and counts the batches. */
function rendering() {
  let made = 0;
  const session: Required<Pick<BackendSession, 'views'>> = {
    views: (pipeline) => ({
      render: (samples, parameters) => {
        made++;
        return stacked(pipeline, samples, parameters);
      },
    }),
  };
  return { session, made: () => made };
}

function stacked<Drawn>(
  pipeline: ViewPipeline<Drawn, unknown>,
  samples: readonly unknown[],
  parameters: readonly Drawn[],
): Record<string, tf.Tensor> {
  const rows = samples.map((sample, row) => {
    const targets = allocateViews(pipeline, 1);
    const drawn = parameters[row];
    if (drawn !== undefined) pipeline.render(sample, drawn, targets);
    return targets;
  });
  const outputs = Object.entries(pipeline.outputs).map(([name, { shape }]) => {
    const tensors = rows.map((targets) => tf.tensor(Float32Array.from(targets[name] ?? []), [...shape]));
    return [name, tf.stack(tensors)] as const;
  });
  return Object.fromEntries(outputs);
}

function load(options: Partial<LoaderOptions> = {}): BatchSource {
  return loader({ dataset: clothes, views, batchSize: 8, seed: 1, workers: 0, ...options });
}

function valuesOf({ inputs, onDevice, indices }: Batch) {
  const host = Object.entries(inputs).map(([name, { shape, data }]) => [name, [...shape], Array.from(data)] as const);
  const made = tf.tidy(() =>
    Object.entries(onDevice?.make() ?? {}).map(
      ([name, tensor]) => [name, tensor.shape, Array.from(tensor.dataSync())] as const,
    ),
  );
  return { indices: Array.from(indices), values: [...host, ...made].sort(([a], [b]) => a.localeCompare(b)) };
}

async function batchesOf(source: BatchSource, epoch: number, from = 0) {
  const batches: ReturnType<typeof valuesOf>[] = [];
  for await (const batch of source.epoch(epoch, from)) batches.push(valuesOf(batch));
  return batches;
}

const damaged: Dataset<ImageSample> = {
  ...clothes,
  read: (index) => {
    if (index === 3 || index === 17) throw new UnlabelError('SAMPLE_UNREADABLE', `Sample ${index} is damaged.`);
    return clothes.read(index);
  },
};

test('a session is given the samples, and what the loader would have drawn for them', async () => {
  const { session, made } = rendering();
  const source = load({ session, labels: true });
  const expected = load({ labels: true });
  expect(await batchesOf(source, 1)).toEqual(await batchesOf(expected, 1));
  expect(made()).toBe(6);
  expect([source.specs, source.fingerprint]).toEqual([expected.specs, expected.fingerprint]);
});

test('of replaced samples too, in a smaller last batch, and from the middle of an epoch', async () => {
  const options = { dataset: damaged, dropLast: false };
  const whole = await batchesOf(load(options), 0);
  const source = load({ ...options, session: rendering().session });
  expect(await batchesOf(source, 0)).toEqual(whole);
  expect(source.unreadable.map(({ index }) => index).sort()).toEqual([17, 3]);
  expect(await batchesOf(load({ ...options, session: rendering().session }), 0, 3)).toEqual(whole.slice(3));
});

test('specs tell the size of a batch before it is made', async () => {
  const { session, made } = rendering();
  const sizes: unknown[] = [];
  for await (const { onDevice } of load({ session, dropLast: false }).epoch(0)) {
    sizes.push(onDevice?.specs['views/1']?.shape[0]);
  }
  expect(sizes).toEqual([8, 8, 8, 8, 8, 8, 2]);
  expect(made()).toBe(0);
});

test.each([
  ['cannot render these views', { views: () => undefined }],
  ['renders none', {}],
])('a session that %s is left to itself', async (_, session) => {
  for (const workers of [0, 1]) {
    const source = load({ session, workers });
    const [batch] = await batchesOf(source, 0);
    await source.dispose();
    expect(batch).toEqual((await batchesOf(load(), 0))[0]);
  }
  for await (const { onDevice } of load({ session }).epoch(0)) expect(onDevice).toBeUndefined();
});
