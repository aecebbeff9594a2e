import { parentPort, workerData } from 'node:worker_threads';
import type { PortableReference, ViewPipeline } from '@unlabel/core';
import { batchRows, renderBatch } from './renderBatch';
import type { RenderReply, RenderRequest, WorkerSetup } from './workerPool';

/** The entry of a worker thread: rebuilds the pipeline, then renders what it is sent into shared memory. */
const { reference, slots, batchSize }: WorkerSetup = workerData;
const views = await rebuildPipeline(reference);
const rows = slots.map((buffers) => batchRows(views, buffers, batchSize));

parentPort?.on('message', ({ id, slot, samples }: RenderRequest) => {
  parentPort?.postMessage(reply(id, () => renderBatch(views, samples, rows[slot] ?? [])));
});

async function rebuildPipeline({ module, factory, options }: PortableReference): Promise<ViewPipeline> {
  const exported: Readonly<Record<string, ((options: unknown) => ViewPipeline | Promise<ViewPipeline>) | undefined>> =
    await import(module);
  const make = exported[factory];
  if (!make) throw new Error(`${module} exports no '${factory}'`);
  return make(options);
}

function reply(id: number, work: () => void): RenderReply {
  try {
    work();
    return { id };
  } catch (error) {
    return { id, error };
  }
}
