import type { ReadSamples, ReadSamplesOf } from './readableSamples';
import type { Renderer } from './renderer';

/** A batch's place in the run. */
export interface BatchPosition {
  readonly epoch: number;
  readonly batch: number;
}

/** A batch that lies ready in a slot. */
export interface ReadyBatch extends ReadSamples {
  readonly slot: number;
}

/** Batches in the order of the run, made ahead of being asked for. */
export interface BatchQueue {
  /** The batch at `position`, whose slot stays as it is until the next call. */
  take(position: BatchPosition): Promise<ReadyBatch>;
  /** Forgets what was made ahead. */
  clear(): void;
}

interface QueuedBatch {
  readonly position: BatchPosition;
  readonly slot: number;
  readonly ready: Promise<ReadSamples>;
  readonly dropped: AbortController;
}

/** What a queue needs to make batches. */
export interface BatchQueueOptions {
  readonly readSamples: ReadSamplesOf;
  readonly renderer: Renderer;
  /** Batches made ahead; where rendering is ahead, the renderer has one slot more. */ readonly prefetch: number;
  readonly batchesPerEpoch: number;
  indicesOf(position: BatchPosition): Int32Array;
}

/** Keeps `prefetch` batches in the making, also across the end of an epoch. */
export function createBatchQueue(options: BatchQueueOptions): BatchQueue {
  const { readSamples, renderer, prefetch, batchesPerEpoch, indicesOf } = options;
  const free = Array.from(renderer.slots.keys());
  let queue: QueuedBatch[] = [];
  let held: number | undefined;

  const make = (position: BatchPosition): QueuedBatch => {
    const slot = renderer.ahead ? (free.shift() ?? 0) : 0;
    const dropped = new AbortController();
    const prepare = async () => {
      const read = await readSamples(indicesOf(position), position.epoch);
      if (renderer.ahead && !dropped.signal.aborted) await renderer.render(slot, read.samples);
      return read;
    };
    const ready = prepare();
    ready.catch(() => undefined); // reported when it is taken
    return { position, slot, ready, dropped };
  };

  const clear = () => {
    for (const { slot, dropped } of queue) {
      dropped.abort();
      free.push(slot);
    }
    queue = [];
  };

  const following = ({ epoch, batch }: BatchPosition): BatchPosition =>
    batch + 1 < batchesPerEpoch ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };

  return {
    clear,
    take: async (position) => {
      if (held !== undefined) free.push(held);
      if (!isAt(queue[0], position)) clear();
      const taken = queue.shift() ?? make(position);
      held = taken.slot;
      for (let last = taken; queue.length < prefetch; ) {
        last = make(following((queue.at(-1) ?? last).position));
        queue.push(last);
      }
      const read = await taken.ready;
      if (!renderer.ahead) await renderer.render(taken.slot, read.samples);
      return { ...read, slot: taken.slot };
    },
  };
}

function isAt(queued: QueuedBatch | undefined, { epoch, batch }: BatchPosition): boolean {
  return queued?.position.epoch === epoch && queued.position.batch === batch;
}
