import { parentPort, workerData } from 'node:worker_threads';
import type { PortableReference, ViewPipeline } from '@unlabel/core';
import { renderBatch } from './renderBatch';
import { receivedSamples } from './sentSamples';
import type { RenderReply, RenderRequest } from './workerPool';

/** The entry of a worker thread: rebuilds the pipeline, then fills the arrays that it is sent. */
const reference: PortableReference = workerData;
const views = await rebuildPipeline(reference);
parentPort?.postMessage('ready');

parentPort?.on('message', (request: RenderRequest) => {
  parentPort?.postMessage(fill(request));
});

async function rebuildPipeline({
  module,
  factory,
  options,
}: PortableReference): Promise<ViewPipeline<unknown, unknown>> {
  type Factory = (options: unknown) => ViewPipeline<unknown, unknown> | Promise<ViewPipeline<unknown, unknown>>;
  const exported: Readonly<Record<string, Factory | undefined>> = await import(module);
  const make = exported[factory];
  if (!make) throw new Error(`${module} exports no '${factory}'`);
  return make(options);
}

function fill({ id, samples, key, arrays, progress }: RenderRequest): RenderReply {
  try {
    renderBatch(views, { samples: receivedSamples(samples), key }, arrays, (row) => Atomics.store(progress, 0, row));
    return { id };
  } catch (error) {
    return { id, error };
  }
}
