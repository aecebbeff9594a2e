import type { PortableReference, ViewPipeline } from '@unlabel/core';
import { allocateViews, renderBatch, type SampleToRender, type ViewArrays } from './renderBatch';

/** Renders batches into arrays that are used again. */
export interface Renderer {
  /** Whether batches are rendered beside the consumer, so that it pays to begin before they are asked for. */ readonly ahead: boolean;
  render(samples: readonly SampleToRender[]): ViewArrays | Promise<ViewArrays>;
  /** Gives arrays back once their batch has been used. */
  release(arrays: ViewArrays): void;
  dispose(): Promise<void>;
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
    render: (samples) => {
      const arrays = spares.take();
      renderBatch(views, samples, arrays);
      return arrays;
    },
    release: spares.release,
    dispose: async () => undefined,
  };
}

/** Renders in worker threads, each of which rebuilds the pipeline from `reference`. Arrays move there and back. */
export function renderInWorkers(
  views: ViewPipeline<unknown, unknown>,
  reference: PortableReference,
  { batchSize, workers, spare }: { batchSize: number; workers: number; spare: number },
): Renderer {
  const spares = keepSpares(views, batchSize, spare);
  const starting = import('./workerPool').then(({ startWorkers }) => startWorkers(reference, workers));
  starting.catch(() => undefined); // reported by the first render
  return {
    ahead: true,
    render: async (samples) => (await starting).render(samples, spares.take()),
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
