import { parentPort, workerData } from 'node:worker_threads';
import type { PortableReference, ViewPipeline } from '@unlabel/core';
import { renderBatch } from './renderBatch';
import type { RenderReply, RenderRequest } from './workerPool';

type Views = ViewPipeline<unknown, unknown>;

/** The entry of a worker thread: rebuilds the pipeline, then fills the arrays that it is sent and sends them back. */
const reference: PortableReference = workerData;
const views = await rebuildPipeline(reference);

parentPort?.on('message', (request: RenderRequest) => {
  const buffers = Object.values(request.arrays).map((array) => array.buffer);
  parentPort?.postMessage(fill(request), buffers);
});

async function rebuildPipeline({ module, factory, options }: PortableReference): Promise<Views> {
  const exported: Readonly<Record<string, ((options: unknown) => Views | Promise<Views>) | undefined>> = await import(
    module
  );
  const make = exported[factory];
  if (!make) throw new Error(`${module} exports no '${factory}'`);
  return make(options);
}

function fill({ id, samples, arrays }: RenderRequest): RenderReply {
  try {
    renderBatch(views, samples, arrays);
    return { id, arrays };
  } catch (error) {
    return { id, arrays, error };
  }
}
