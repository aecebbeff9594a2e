import type { PortableReference, ViewPipeline } from '@unlabel/core';
import { batchRows, renderBatch, type SampleToRender } from './renderBatch';
import { sharedMemory } from './sharedMemory';

/** Renders batches into slots: memory that is written again once its batch has been used. */
export interface Renderer {
  /** Whether batches are rendered beside the consumer, so that it pays to begin before they are asked for. */ readonly ahead: boolean;
  /** One buffer per view and slot, `[batch, height, width, channels]` float32. */ readonly slots: readonly (readonly ArrayBufferLike[])[];
  /** Renders into `slot`; calls for one slot finish in the order in which they were made. */
  render(slot: number, samples: readonly SampleToRender[]): void | Promise<void>;
  dispose(): Promise<void>;
}

/** Allocates one buffer per view for each slot. */
export function allocateSlots(
  views: ViewPipeline,
  batchSize: number,
  count: number,
): readonly (readonly ArrayBufferLike[])[] {
  const buffer = ([height, width, channels]: readonly [number, number, number]) =>
    sharedMemory(batchSize * height * width * channels * Float32Array.BYTES_PER_ELEMENT);
  return Array.from({ length: count }, () => views.shapes.map(buffer));
}

/** Renders on the calling thread. */
export function renderInProcess(views: ViewPipeline, batchSize: number): Renderer {
  const slots = allocateSlots(views, batchSize, 1);
  const rows = slots.map((buffers) => batchRows(views, buffers, batchSize));
  return {
    ahead: false,
    slots,
    render: (slot, samples) => renderBatch(views, samples, rows[slot] ?? []),
    dispose: async () => undefined,
  };
}

/** Renders in worker threads, each of which rebuilds the pipeline from `reference`. */
export function renderInWorkers(
  views: ViewPipeline,
  reference: PortableReference,
  { batchSize, slotCount, workers }: { batchSize: number; slotCount: number; workers: number },
): Renderer {
  const slots = allocateSlots(views, batchSize, slotCount);
  const starting = import('./workerPool').then(({ startWorkers }) =>
    startWorkers({ reference, slots, batchSize, workers }),
  );
  starting.catch(() => undefined); // reported by the first render
  return {
    ahead: true,
    slots,
    render: async (slot, samples) => (await starting).render(slot, samples),
    dispose: async () => (await starting).dispose(),
  };
}
