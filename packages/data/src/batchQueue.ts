import { UnlabelError } from '@unlabel/core';
import type { ReadSamples, ReadSamplesOf } from './readableSamples';
import type { BatchToRender, ViewArrays } from './renderBatch';
import type { RenderedViews, Renderer } from './renderer';

/** A batch's place in the run. */
export interface BatchPosition {
  readonly epoch: number;
  readonly batch: number;
}

/** A batch with its views. */
export interface RenderedBatch extends Omit<ReadSamples, keyof BatchToRender>, RenderedViews {}

/** Batches in the order of the run, made ahead of being asked for. */
export interface BatchQueue {
  /** The batch at `position`, whose arrays stay as they are until the next call. */
  take(position: BatchPosition): Promise<RenderedBatch>;
  /** Forgets what was made ahead. */
  clear(): void;
}

interface QueuedBatch {
  readonly position: BatchPosition;
  readonly read: Promise<ReadSamples>;
  /** Only where rendering is ahead. */ readonly rendered?: Promise<RenderedBatch>;
  readonly dropped: AbortController;
}

/** What a queue needs to make batches. */
export interface BatchQueueOptions {
  readonly readSamples: ReadSamplesOf;
  readonly renderer: Renderer;
  /** Batches in the making beside the one in use. */ readonly prefetch: number;
  readonly batchesPerEpoch: number;
  indicesOf(position: BatchPosition): Int32Array;
}

/** Keeps `prefetch` batches in the making, also across the end of an epoch. */
export function createBatchQueue(options: BatchQueueOptions): BatchQueue {
  const { readSamples, renderer, prefetch, batchesPerEpoch, indicesOf } = options;
  let queue: QueuedBatch[] = [];
  let held: ViewArrays | undefined;

  const render = async ({ indices, unreadable, ...batch }: ReadSamples): Promise<RenderedBatch> => ({
    indices,
    unreadable,
    ...(await renderer.render(batch)),
  });

  const make = (position: BatchPosition): QueuedBatch => {
    const dropped = new AbortController();
    const read = readSamples(indicesOf(position), position.epoch);
    read.catch(() => undefined); // reported when it is taken
    if (!renderer.ahead) return { position, read, dropped };
    const rendered = read.then((samples) => {
      if (dropped.signal.aborted) throw new UnlabelError('ABORTED', 'The batch was dropped before it was rendered.');
      return render(samples);
    });
    rendered.catch(() => undefined);
    return { position, read, rendered, dropped };
  };

  const clear = () => {
    for (const { rendered, dropped } of queue) {
      dropped.abort();
      rendered?.then(({ arrays }) => renderer.release(arrays)).catch(() => undefined);
    }
    queue = [];
  };

  const following = ({ epoch, batch }: BatchPosition): BatchPosition =>
    batch + 1 < batchesPerEpoch ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };

  return {
    clear,
    take: async (position) => {
      if (held) renderer.release(held);
      held = undefined;
      if (!isAt(queue[0], position)) clear();
      const taken = queue.shift() ?? make(position);
      while (queue.length < prefetch) queue.push(make(following((queue.at(-1) ?? taken).position)));
      const batch = await (taken.rendered ?? taken.read.then(render));
      held = batch.arrays;
      return batch;
    },
  };
}

function isAt(queued: QueuedBatch | undefined, { epoch, batch }: BatchPosition): boolean {
  return queued?.position.epoch === epoch && queued.position.batch === batch;
}
