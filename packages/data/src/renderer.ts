import type { DeviceInputs, PortableReference, ViewPipeline } from '@unlabel/core';
import { allocateViews, type BatchToRender, renderBatch, type ViewArrays } from './renderBatch';

/** Views of a batch. */
export interface RenderedViews {
  /** Those that lie in memory; none where a session will make them. */ readonly arrays: ViewArrays;
  /** What the session will make them by. */ readonly onDevice?: DeviceInputs;
}

/** Renders batches into arrays that are used again. */
export interface Renderer {
  /** Whether batches are rendered beside the consumer, so that it pays to begin before they are asked for. */ readonly ahead: boolean;
  render(batch: BatchToRender): RenderedViews | Promise<RenderedViews>;
  /** Threads that crashed and were replaced so far. */ readonly crashes: number;
  /** Gives arrays back once their batch has been used. */
  release(arrays: ViewArrays): void;
  dispose(): Promise<void>;
}

/** How many threads render how much at once. */
export interface WorkerOptions {
  readonly batchSize: number;
  readonly workers: number;
  /** Batches whose arrays are kept to be used again. */ readonly spare: number;
  /** What errors call a sample. */ nameOf(index: number): string;
}

/** Arrays that wait for their next batch. */
interface Spares {
  take(): ViewArrays;
  release(arrays: ViewArrays): void;
}

/** Renders on the calling thread. */
export function renderInProcess(views: ViewPipeline<unknown, unknown>, batchSize: number): Renderer {
  const spares = keepSpares(views, batchSize, 1);
  return {
    ahead: false,
    crashes: 0,
    render: (batch) => {
      const arrays = spares.take();
      renderBatch(views, batch, arrays);
      return { arrays };
    },
    release: spares.release,
    dispose: async () => undefined,
  };
}

/** Renders in worker threads, each of which rebuilds the pipeline from `reference`. */
export function renderInWorkers(
  views: ViewPipeline<unknown, unknown>,
  reference: PortableReference,
  { batchSize, workers, spare, nameOf }: WorkerOptions,
): Renderer {
  const spares = keepSpares(views, batchSize, spare);
  let crashes = 0;
  const onCrash = () => {
    crashes++;
  };
  const starting = import('./workerPool').then(({ startWorkers }) =>
    startWorkers(reference, { count: workers, nameOf, onCrash }),
  );
  starting.catch(() => undefined); // reported by the first render
  return {
    ahead: true,
    get crashes() {
      return crashes;
    },
    render: async (batch) => {
      const pool = await starting;
      const arrays = spares.take();
      await pool.render(batch, arrays);
      return { arrays };
    },
    release: spares.release,
    dispose: async () => (await starting).dispose(),
  };
}

function keepSpares(views: Pick<ViewPipeline, 'outputs'>, batchSize: number, limit: number): Spares {
  const spares: ViewArrays[] = [];
  return {
    take: () => spares.pop() ?? allocateViews(views, batchSize),
    release: (arrays) => {
      if (spares.length < limit) spares.push(arrays);
    },
  };
}
