import {
  type BackendSession,
  type Batch,
  type BatchSource,
  type Dataset,
  type HostTensors,
  type ImageSample,
  type TensorSpecs,
  UnlabelError,
  type UnreadableSample,
  type ViewPipeline,
} from '@unlabel/core';
import { type BatchPosition, type BatchQueue, createBatchQueue } from './batchQueue';
import { cached } from './cached';
import { epochOrders } from './epochOrder';
import { readableSamples } from './readableSamples';
import { specsOfViews, tensorsOf } from './renderBatch';
import { type Renderer, renderInProcess, renderInWorkers } from './renderer';
import { renderOnDevice } from './renderOnDevice';

/** What a loader reads, what it makes of it, and how far it works ahead. */
export interface LoaderOptions<Sample = ImageSample> {
  readonly dataset: Dataset<Sample>;
  /** Made for samples of the data set's modality. */ readonly views: ViewPipeline<unknown, Sample>;
  /** Samples in a batch. */ readonly batchSize: number;
  /** Fixes the order, the views and the replacements. */ readonly seed: number;
  /** Threads that render; 0 renders on the main thread, as does a pipeline that is not portable (default 1, in browsers 0). */ readonly workers?: number;
  /**
   * Lets the session that trains on the batches render their views where it computes, if it can render these: the same
   * views to float32 rounding, without workers. Batches then hold {@link Batch.onDevice} instead of views, for its steps alone.
   */
  readonly session?: Pick<BackendSession, 'views'>;
  /** Batches that are made ahead of the consumer (default 4). */ readonly prefetch?: number;
  /**
   * Leaves out an epoch's last samples when they do not fill a batch, others in each epoch (default true). With false
   * they make a smaller batch, for which `pretrain` compiles the step once more.
   */
  readonly dropLast?: boolean;
  /** Also gives `labels`, int32 `[batch]`, the class index of each sample, to the objectives that need them (default false). */
  readonly labels?: boolean;
  /** Share of the data set that may be unreadable before loading stops (default 0.05). */ readonly maxUnreadableShare?: number;
  /** Bytes of decoded samples to keep in memory (default 512 MiB). */ readonly cacheBytes?: number;
}

const defaultPrefetch = 4;

/**
 * Batches of augmented views, seeded, resumable and made ahead of time. A batch's arrays lie in memory that threads share,
 * where there is such, and are valid until the next batch is asked for: then a worker fills them again. One epoch is read at a time; starting another
 * ends the former.
 * @throws UnlabelError `DATASET_EMPTY`, `BATCH_TOO_LARGE`, `LABELS_MISSING`, `INVALID_OPTION`; while iterating `TOO_MANY_UNREADABLE`,
 * `WORKER_FAILED`, and `ABORTED` after `dispose()`
 */
export function loader<Sample = ImageSample>(options: LoaderOptions<Sample>): BatchSource {
  const { views, batchSize, dropLast = true, maxUnreadableShare = 0.05 } = options;
  requireBatchable(options);
  const dataset = cached(options.dataset, { maxBytes: options.cacheBytes ?? 512 * 2 ** 20 });
  const batchesPerEpoch = dropLast ? Math.floor(dataset.length / batchSize) : Math.ceil(dataset.length / batchSize);
  const renderer = openRenderer(options);
  const queue = openQueue(options, dataset, renderer, batchesPerEpoch);
  const unreadable = new Map<number, UnreadableSample>();
  let waitedSeconds = 0;
  let disposed = false;
  let reading: symbol | undefined;

  const take = async (position: BatchPosition): Promise<Batch> => {
    const asked = performance.now();
    const { arrays, onDevice, indices, unreadable: skipped } = await queue.take(position);
    waitedSeconds += (performance.now() - asked) / 1000;
    for (const sample of skipped) unreadable.set(sample.index, sample);
    requireReadable(dataset, [...unreadable.values()], maxUnreadableShare);
    const inputs = { ...tensorsOf(views, arrays, indices.length), ...labelInputs(options, indices) };
    return { inputs, ...(onDevice && { onDevice }), indices };
  };

  async function* epochBatches(epoch: number, from = 0): AsyncGenerator<Batch> {
    const mine = Symbol(`epoch ${epoch}`);
    reading = mine;
    for (let batch = from; batch < batchesPerEpoch; batch++) {
      if (disposed || reading !== mine) {
        const why = disposed ? 'The loader was disposed of' : 'Another epoch was started';
        throw new UnlabelError('ABORTED', `${why} while epoch ${epoch} was being read.`);
      }
      yield await take({ epoch, batch });
    }
  }

  return {
    batchSize,
    batchesPerEpoch,
    samples: dataset.length,
    specs: batchSpecs(options),
    fingerprint: fingerprintOf(options),
    epoch: epochBatches,
    get unreadable() {
      return [...unreadable.values()];
    },
    get workerCrashes() {
      return renderer.crashes;
    },
    get waitedSeconds() {
      return waitedSeconds;
    },
    dispose: async () => {
      disposed = true;
      queue.clear();
      await renderer.dispose();
    },
  };
}

function openRenderer({
  dataset,
  views,
  session,
  batchSize,
  workers = defaultWorkers(),
  prefetch = defaultPrefetch,
}: LoaderOptions<unknown>): Renderer {
  const device = session?.views?.(views);
  if (device) return renderOnDevice(views, device);
  if (workers === 0 || !views.portable) return renderInProcess(views, batchSize);
  const nameOf = (index: number) => dataset.sampleName(index);
  return renderInWorkers(views, views.portable, { batchSize, workers, spare: prefetch + 1, nameOf });
}

function openQueue(
  { batchSize, seed, prefetch = defaultPrefetch }: LoaderOptions<unknown>,
  dataset: Dataset<unknown>,
  renderer: Renderer,
  batchesPerEpoch: number,
): BatchQueue {
  const order = epochOrders(dataset, seed);
  return createBatchQueue({
    readSamples: readableSamples(dataset, seed),
    renderer,
    prefetch,
    batchesPerEpoch,
    indicesOf: ({ epoch, batch }) => order(epoch).subarray(batch * batchSize, (batch + 1) * batchSize),
  });
}

function defaultWorkers(): number {
  return typeof process === 'undefined' || process.versions?.node === undefined ? 0 : 1;
}

function batchSpecs({ views, batchSize, labels = false }: LoaderOptions<unknown>): TensorSpecs {
  return { ...specsOfViews(views, batchSize), ...(labels && { labels: { shape: [batchSize], dtype: 'int32' } }) };
}

function labelInputs({ dataset, labels = false }: LoaderOptions<unknown>, indices: Int32Array): HostTensors {
  if (!labels) return {};
  const data = indices.map((index) => dataset.labels?.values[index] ?? -1);
  return { labels: { dtype: 'int32', shape: [indices.length], data } };
}

/** Data, batching and views: of a pipeline its options, without the place where its code lies. */
function fingerprintOf({ dataset, views, batchSize, seed, dropLast = true }: LoaderOptions<unknown>): string {
  const { outputs, portable } = views;
  const described = portable ? { factory: portable.factory, options: portable.options } : { outputs };
  const options = JSON.stringify(described, (key, value) => (key === 'module' ? undefined : value));
  const told = options.length <= 4000 ? options : `${options.length}:${hashText(options)}`; // tables and word lists are long
  return `${dataset.fingerprint} batch ${batchSize}${dropLast ? '' : ' with rest'} seed ${seed} views ${told}`;
}

/** FNV-1a: enough to notice another text. */
function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function requireBatchable(options: LoaderOptions<unknown>): void {
  const { dataset, views, batchSize, dropLast = true, labels = false, workers = 0, prefetch = 0 } = options;
  for (const [name, value, least] of [
    ['batchSize', batchSize, 1],
    ['workers', workers, 0],
    ['prefetch', prefetch, 0],
  ] as const) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new UnlabelError('INVALID_OPTION', `${name} is ${value}, but must be a whole number, ${least} or more.`);
  }
  const [given, taken] = [dataset.modality ?? 'image', views.modality ?? 'image'];
  if (given !== taken) {
    throw new UnlabelError(
      'INVALID_OPTION',
      `${dataset.name} holds samples of kind '${given}'; views take '${taken}'.`,
      {
        fix: 'Choose views that are made for such data: see `unlabel list augmentation`.',
      },
    );
  }
  if (labels && !dataset.labels) {
    const fix = 'Choose labelled data, or an objective that needs no labels.';
    throw new UnlabelError('LABELS_MISSING', `${dataset.name} has no labels.`, { fix });
  }
  if (dataset.length === 0) throw new UnlabelError('DATASET_EMPTY', `${dataset.name} holds no samples.`);
  if (dropLast && batchSize > dataset.length) {
    throw new UnlabelError(
      'BATCH_TOO_LARGE',
      `A batch of ${batchSize} is larger than ${dataset.name} with its ${dataset.length}.`,
      {
        fix: `Use a batch size of ${dataset.length} or less.`,
      },
    );
  }
}

function requireReadable(dataset: Dataset<unknown>, unreadable: readonly UnreadableSample[], maxShare: number): void {
  const [first] = unreadable;
  if (!first || unreadable.length <= maxShare * dataset.length) return;
  throw new UnlabelError(
    'TOO_MANY_UNREADABLE',
    `${unreadable.length} of ${dataset.length} samples of ${dataset.name} could not be read, such as ${first.name}: ${first.reason}`,
    { fix: 'Mend or remove them, or raise maxUnreadableShare.' },
  );
}
