import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { evaluationView, simclrViews, smallImageViews } from '@unlabel/augment';
import {
  type Batch,
  type BatchSource,
  type Dataset,
  type ImageSample,
  UnlabelError,
  type ViewPipeline,
} from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type LoaderOptions, loader } from './loader';
import { fashionMnist } from './readers/fashionMnist';
import { split, subset } from './subset';

const folder = await mkdtemp(join(tmpdir(), 'unlabel-loader-'));
afterAll(() => rm(folder, { recursive: true }));

const [clothes] = split(await fashionMnist(), { at: 50 });
const views = smallImageViews({ size: 12 });

const open: BatchSource[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.dispose()));
});

function load(options: Partial<LoaderOptions> = {}): BatchSource {
  const source = loader({ dataset: clothes, views, batchSize: 8, seed: 1, workers: 0, ...options });
  open.push(source);
  return source;
}

/** A batch's values, copied out of the memory that the next one is written to. */
function copyOf({ inputs, indices }: Batch) {
  const values = Object.entries(inputs).map(([name, { shape, data }]) => ({ name, shape, values: Array.from(data) }));
  return { indices: Array.from(indices), values };
}

async function batchesOf(source: BatchSource, epoch: number, from = 0) {
  const batches: ReturnType<typeof copyOf>[] = [];
  for await (const batch of source.epoch(epoch, from)) batches.push(copyOf(batch));
  return batches;
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error) => (UnlabelError.is(error) ? error.code : String(error)),
  );
}

describe('an epoch', () => {
  test('visits every sample once, each epoch in another order', async () => {
    const source = load({ dropLast: false });
    const orders = await Promise.all(
      [0, 1].map(async (epoch) =>
        (await batchesOf(load({ dropLast: false }), epoch)).flatMap((batch) => batch.indices),
      ),
    );
    for (const order of orders)
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(orders[0]).not.toEqual(orders[1]);
    expect([source.samples, source.batchesPerEpoch]).toEqual([50, 7]);
  });

  test('leaves out the rest, or ends with a smaller batch', async () => {
    expect((await batchesOf(load(), 0)).map((batch) => batch.indices.length)).toEqual(Array(6).fill(8));
    const last = (await batchesOf(load({ dropLast: false }), 0)).at(-1);
    expect([last?.indices.length, last?.values[0]?.shape]).toEqual([2, [2, 12, 12, 1]]);
  });

  test('gives the labels of its samples if asked', async () => {
    const source = load({ labels: true, dropLast: false });
    expect(source.specs.labels).toEqual({ shape: [8], dtype: 'int32' });
    for await (const { inputs, indices } of source.epoch(0)) {
      const expected = Array.from(indices, (index) => clothes.labels?.values[index]);
      expect(Array.from(inputs.labels?.data ?? [])).toEqual(expected);
    }
    const { labels: _, ...unlabelled } = clothes;
    expect(() => load({ dataset: unlabelled, labels: true })).toThrow(
      expect.objectContaining({ code: 'LABELS_MISSING' }),
    );
  });

  test('has one input per view, as its specs say', async () => {
    const source = load({ views: smallImageViews({ size: 12, views: 3 }) });
    const [batch] = await batchesOf(source, 0);
    expect(Object.keys(source.specs)).toEqual(['views/0', 'views/1', 'views/2']);
    expect(batch?.values.map(({ name, shape }) => ({ name, shape }))).toEqual(
      Object.entries(source.specs).map(([name, { shape }]) => ({ name, shape })),
    );
  });

  test('is another one for another seed', async () => {
    expect(await batchesOf(load({ seed: 2 }), 0)).not.toEqual(await batchesOf(load(), 0));
  });
});

describe.each([
  ['small-image', views],
  ['simclr, RGB', simclrViews({ size: 12, channels: 3 })],
] as const)('%s views', (_, pipeline) => {
  test('are the same with 0, 1 and 2 workers, whatever the prefetch, over two epochs', async () => {
    const epochs = async (options: Partial<LoaderOptions>) => {
      const source = load({ views: pipeline, ...options });
      return [await batchesOf(source, 0), await batchesOf(source, 1)];
    };
    const expected = await epochs({ workers: 0 });
    expect(await epochs({ workers: 1 })).toEqual(expected);
    expect(await epochs({ workers: 2, prefetch: 3 })).toEqual(expected);
    expect(await epochs({ workers: 2, prefetch: 0 })).toEqual(expected);
  });
});

describe.each([0, 2])('with %i workers', (workers) => {
  test('resuming in the middle of an epoch gives the same batches', async () => {
    const whole = [...(await batchesOf(load({ workers }), 3)), ...(await batchesOf(load({ workers }), 4))];
    const resumed = load({ workers });
    expect([...(await batchesOf(resumed, 3, 2)), ...(await batchesOf(resumed, 4))]).toEqual(whole.slice(2));
  });

  test('leaving an epoch early does not disturb the next', async () => {
    const expected = await batchesOf(load(), 1);
    const source = load({ workers });
    for await (const _ of source.epoch(0)) break;
    for await (const _ of source.epoch(5, 2)) break;
    expect(await batchesOf(source, 1)).toEqual(expected);
  });

  test('a batch stays as it is until the next one is asked for', async () => {
    const expected = await batchesOf(load(), 0);
    const source = load({ workers, prefetch: 2 });
    const seen: ReturnType<typeof copyOf>[] = [];
    for await (const batch of source.epoch(0)) {
      await new Promise((resolve) => setTimeout(resolve, 20)); // the workers go on meanwhile
      seen.push(copyOf(batch));
    }
    expect(seen).toEqual(expected);
  });

  test('starting another epoch, or disposing, ends the former', async () => {
    const source = load({ workers });
    const first = source.epoch(0)[Symbol.asyncIterator]();
    await first.next();
    const second = source.epoch(1)[Symbol.asyncIterator]();
    await second.next();
    expect(await codeOf(Promise.resolve(first.next()))).toBe('ABORTED');
    await source.dispose();
    expect(await codeOf(Promise.resolve(second.next()))).toBe('ABORTED');
  });

  test('unreadable samples are replaced, the same way each time, and listed once', async () => {
    const dataset = withUnreadable([3, 17]);
    const source = load({ dataset, workers, dropLast: false });
    const first = await batchesOf(source, 0);
    const indices = first.flatMap((batch) => batch.indices);
    expect(indices.length).toBe(50);
    expect(indices).not.toContain(3);
    expect(source.unreadable.map(({ index, name }) => [index, name]).sort()).toEqual([
      [17, '17'],
      [3, '3'],
    ]);
    expect(source.unreadable[0]?.reason).toContain('damaged');
    expect(await batchesOf(load({ dataset, workers: 0, dropLast: false }), 0, 3)).toEqual(first.slice(3));
  });

  test('too many unreadable samples stop the epoch', async () => {
    const dataset = withUnreadable([1, 2, 3]);
    expect(await codeOf(batchesOf(load({ dataset, workers, dropLast: false }), 0))).toBe('TOO_MANY_UNREADABLE');
    expect(
      await codeOf(batchesOf(load({ dataset, workers, dropLast: false, maxUnreadableShare: 0.06 }), 0)),
    ).toBeUndefined();
    const none = withUnreadable(Array.from({ length: 50 }, (_, index) => index));
    expect(await codeOf(batchesOf(load({ dataset: none, workers, maxUnreadableShare: 1 }), 0))).toBe(
      'TOO_MANY_UNREADABLE',
    );
  });

  test('an error that is not about one sample comes through', async () => {
    const dataset: Dataset = {
      ...clothes,
      read: () => {
        throw new UnlabelError('DATASET_CORRUPT', 'All is lost.');
      },
    };
    expect(await codeOf(batchesOf(load({ dataset, workers }), 0))).toBe('DATASET_CORRUPT');
  });
});

function withUnreadable(unreadable: readonly number[]): Dataset {
  return {
    ...clothes,
    read: async (index) => {
      if (unreadable.includes(index)) throw new UnlabelError('SAMPLE_UNREADABLE', `Sample ${index} is damaged.`);
      return clothes.read(index);
    },
  };
}

describe('workers', () => {
  const pipelineModule = `
    export const counting = ({ counter }) => ({
      outputs: { 'views/0': { shape: [1, 1, 1], dtype: 'float32' } },
      draw: (random) => random.uniform(),
      render: (image, drawn, targets) => { targets['views/0'][0] = drawn; Atomics.add(counter, 0, 1); Atomics.notify(counter, 0); },
    });
    export const throwing = () => ({ ...counting({}), render: () => { throw new Error('no such colour'); } });
    export const crashingOnce = ({ counter, value }) => ({
      ...counting({ counter }),
      render: (image, drawn, targets) => {
        if (image.data[0] === value && Atomics.add(counter, 0, 1) < 2) process.exit(4);
        targets['views/0'][0] = drawn;
      },
    });
    export const crashingAlways = ({ value }) => ({
      ...counting({}),
      render: (image, drawn, targets) => {
        if (image.data[0] === value) process.exit(4);
        targets['views/0'][0] = drawn;
      },
    });
    export const drawing = () => ({ ...counting({}), render: (image, drawn, targets) => { targets['views/0'][0] = drawn; } });
    export const exiting = () => ({ ...counting({}), render: () => process.exit(3) });
    export const refusing = () => { throw new Error('cannot be rebuilt'); };
  `;
  const pipeline = async (factory: string, options: unknown = {}): Promise<ViewPipeline> => {
    const file = join(folder, 'pipelines.mjs');
    await writeFile(file, pipelineModule);
    const onMainThread = () => {
      throw new Error('rendered on the main thread');
    };
    const portable = { module: pathToFileURL(file).href, factory, options };
    return {
      outputs: { 'views/0': { shape: [1, 1, 1], dtype: 'float32' } },
      draw: onMainThread,
      render: onMainThread,
      portable,
    };
  };

  test('render ahead while the main thread is blocked', async () => {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const source = load({ views: await pipeline('counting', { counter }), workers: 2, prefetch: 4 });
    const batches = source.epoch(0)[Symbol.asyncIterator]();
    await batches.next();
    const deadline = performance.now() + 20_000;
    for (
      let done = Atomics.load(counter, 0);
      done < 5 * 8 && performance.now() < deadline;
      done = Atomics.load(counter, 0)
    ) {
      Atomics.wait(counter, 0, done, 1000); // this thread's event loop stands still
    }
    expect(Atomics.load(counter, 0)).toBe(5 * 8);
  });

  test('fill shared memory, and fill it again once the next batch is asked for', async () => {
    const memories = new Set<ArrayBufferLike>();
    for await (const { inputs } of load({ workers: 1, prefetch: 1 }).epoch(0)) {
      const data = inputs['views/0']?.data;
      if (data) memories.add(data.buffer);
    }
    expect(memories.size).toBeGreaterThan(0);
    expect(memories.size).toBeLessThanOrEqual(3); // of five batches: the one in use, the one ahead, one to spare
    for (const memory of memories) expect(memory).toBeInstanceOf(SharedArrayBuffer);
  });

  /** Eight samples a batch, whose first byte is their index. */
  const numbered: Dataset = {
    ...clothes,
    read: (index) => ({ data: Uint8Array.of(index), height: 1, width: 1, channels: 1 }),
    sampleName: (index) => `number ${index}`,
  };

  test.each([1, 2])(
    '%i: those that crash are replaced and counted, and every batch comes, in order',
    async (workers) => {
      const counter = new Int32Array(new SharedArrayBuffer(4));
      const crashing = await pipeline('crashingOnce', { counter, value: 17 });
      const source = load({ dataset: numbered, views: crashing, workers, prefetch: 4 });
      const expected = await batchesOf(load({ dataset: numbered, views: await pipeline('drawing'), workers: 1 }), 0);
      expect(await batchesOf(source, 0)).toEqual(expected);
      expect(source.workerCrashes).toBe(2);
    },
  );

  test('that crash over and over on one sample end the run with its name', async () => {
    const crashing = await pipeline('crashingAlways', { value: 17 });
    const source = load({ dataset: numbered, views: crashing, workers: 2, prefetch: 4, dropLast: false });
    await expect(batchesOf(source, 0)).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      message: expect.stringContaining('Sample number 17 crashed 3 worker threads'),
    });
    expect(source.workerCrashes).toBeGreaterThanOrEqual(3); // the next epoch is begun meanwhile, and has the sample, too
  });

  test.each([
    ['throws while it renders', 'throwing', 'no such colour'],
    ['ends its thread', 'exiting', 'exited with code 3'],
    ['cannot be rebuilt', 'refusing', 'cannot be rebuilt'],
    ['is not exported', 'absent', "exports no 'absent'"],
  ])('report a pipeline that %s', async (_, factory, message) => {
    const work = batchesOf(load({ views: await pipeline(factory), workers: 2 }), 0);
    await expect(work).rejects.toMatchObject({ code: 'WORKER_FAILED', message: expect.stringContaining(message) });
  });

  test('are not used for a pipeline that is not portable', async () => {
    const { outputs, draw, render } = views;
    const here = await batchesOf(load({ views: { outputs, draw, render }, workers: 2 }), 0);
    expect(here).toEqual(await batchesOf(load({ workers: 0 }), 0));
  });

  test('report a sample that cannot be sent', async () => {
    const sendable = await clothes.read(0);
    const dataset: Dataset = {
      ...clothes,
      read: async (index) => (index === 0 ? Object.assign({ ...sendable }, { close: () => 0 }) : clothes.read(index)),
    };
    const source = load({ dataset, workers: 1, batchSize: 50 });
    await expect(batchesOf(source, 0)).rejects.toMatchObject({ code: 'WORKER_FAILED' });
  });
});

describe('a process with workers', () => {
  /** Runs the body of a module on the built packages, with a loader called `source`. */
  async function runBuilt(body: string) {
    const built = (name: string) => JSON.stringify(new URL(`../../${name}/dist/index.js`, import.meta.url).href);
    const script = join(folder, 'script.mjs');
    await writeFile(
      script,
      `import { fashionMnist, loader } from ${built('data')};
       import { smallImageViews } from ${built('augment')};
       const dataset = await fashionMnist();
       const source = loader({ dataset, views: smallImageViews(), batchSize: 512, seed: 1, workers: 2 });
       ${body}`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const output: string[] = [];
    child.stdout.on('data', (chunk) => output.push(String(chunk)));
    const [code] = await once(child, 'close');
    return { code, lines: output.join('').trim().split('\n') };
  }

  test('ends without disposing of the loader', async () => {
    const { code, lines } = await runBuilt(
      'for await (const batch of source.epoch(0)) { console.log(batch.indices.length); break; }',
    );
    expect({ code, lines }).toEqual({ code: 0, lines: ['512'] });
  });

  test('lives while a batch is awaited, and while the loader is disposed of with others in the making', async () => {
    const { code, lines } = await runBuilt(
      `const batches = source.epoch(0);
       for (let made = 0; made < 3; made++) await batches.next();
       console.log('taken');
       const pending = batches.next().then(({ value }) => String(value.indices.length), (error) => error.code);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800); // replies pile up, to come in while it is disposed of
       await source.dispose();
       console.log('disposed of');
       console.log(await pending);
       const again = loader({ dataset, views: smallImageViews(), batchSize: 512, seed: 1, workers: 1 });
       console.log((await again.epoch(0).next()).value.indices.length);
       await again.dispose();
       console.log('end');`,
    );
    expect(lines).toEqual(['taken', 'disposed of', expect.stringMatching(/^(512|ABORTED)$/), '512', 'end']);
    expect(code).toBe(0);
  });
});

test('samples that are not in shared memory reach workers too, cached or not', async () => {
  const reads = new Map<number, number>();
  const dataset: Dataset = {
    ...clothes,
    read: async (index): Promise<ImageSample> => {
      reads.set(index, (reads.get(index) ?? 0) + 1);
      const { data, ...rest } = await clothes.read(index);
      return { ...rest, data: Uint8Array.from(data) };
    },
  };
  const expected = await batchesOf(load(), 0);
  const twice = async (cacheBytes: number) => {
    reads.clear();
    const source = load({ dataset, workers: 2, cacheBytes });
    expect(await batchesOf(source, 0)).toEqual(expected);
    await batchesOf(source, 1);
    return Math.max(...reads.values());
  };
  expect(await twice(2 ** 20)).toBe(1);
  expect(await twice(10 * 784)).toBeGreaterThan(1);
  expect(await twice(0)).toBeGreaterThan(1);
});

test('the time that the consumer waits is counted', async () => {
  const dataset: Dataset = {
    ...clothes,
    read: async (index) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return clothes.read(index);
    },
  };
  const source = load({ dataset });
  expect(source.waitedSeconds).toBe(0);
  for await (const _ of source.epoch(0)) break;
  expect(source.waitedSeconds).toBeGreaterThan(0.02);
});

test('the fingerprint names data, views, batching and seed, but not where code lies', () => {
  const print = (options: Partial<LoaderOptions> = {}) => load(options).fingerprint;
  const { portable } = views;
  const moved: ViewPipeline = { ...views, ...(portable && { portable: { ...portable, module: 'elsewhere' } }) };
  expect(print({ workers: 1 })).toBe(print());
  expect(print({ views: moved })).toBe(print());
  const others = [
    { seed: 2 },
    { batchSize: 9 },
    { dropLast: false },
    { dataset: subset(clothes, [1, 2, 3, 4, 5, 6, 7, 8]) },
    { views: evaluationView({ size: 12 }) },
    { views: smallImageViews({ size: 12, flip: 0 }) },
  ];
  expect(new Set([print(), ...others.map(print)]).size).toBe(1 + others.length);
});

describe('refuses', () => {
  test.each([
    ['a batch larger than the data set', { batchSize: 51 }, 'BATCH_TOO_LARGE'],
    ['an empty data set', { dataset: { ...clothes, length: 0 } }, 'DATASET_EMPTY'],
    ['a batch of nothing', { batchSize: 0 }, 'INVALID_OPTION'],
    ['half a worker', { workers: 0.5 }, 'INVALID_OPTION'],
    ['negative prefetch', { prefetch: -1 }, 'INVALID_OPTION'],
    ['a negative cache', { cacheBytes: -1 }, 'INVALID_OPTION'],
  ] as const)('%s', (_, options, code) => {
    expect(refusalOf(() => load(options))).toBe(code);
  });

  test('nothing about a larger batch when the rest is kept', async () => {
    expect((await batchesOf(load({ batchSize: 64, dropLast: false }), 0)).map((batch) => batch.indices.length)).toEqual(
      [50],
    );
  });
});
