import { Worker } from 'node:worker_threads';
import { type PortableReference, UnlabelError } from '@unlabel/core';
import type { SampleToRender } from './renderBatch';

/** What a worker is told when it starts. */
export interface WorkerSetup {
  readonly reference: PortableReference;
  readonly slots: readonly (readonly ArrayBufferLike[])[];
  readonly batchSize: number;
}

/** What a worker is asked to do. */
export interface RenderRequest {
  readonly id: number;
  readonly slot: number;
  readonly samples: readonly SampleToRender[];
}

/** What it answers. */
export interface RenderReply {
  readonly id: number;
  /** What went wrong, if anything did. */ readonly error?: unknown;
}

/** Threads that render. */
export interface WorkerPool {
  render(slot: number, samples: readonly SampleToRender[]): Promise<void>;
  dispose(): Promise<void>;
}

interface Waiting {
  resolve(): void;
  reject(error: UnlabelError): void;
}

// A thread cannot load TypeScript: seen from the sources, the worker is the built one, and does without the flags that
// let this thread see sources.
const fromSources = import.meta.url.endsWith('.ts');
const workerFile = new URL(fromSources ? '../dist/viewWorker.js' : './viewWorker.js', import.meta.url);
const workerFlags = fromSources ? { execArgv: [] } : {};

/** Starts workers. They keep the process alive only while they have something to render. */
export function startWorkers({ workers, ...setup }: WorkerSetup & { readonly workers: number }): WorkerPool {
  const pool = Array.from({ length: workers }, () => startWorker(setup));
  return {
    render: (slot, samples) => pool[slot % workers]?.render(slot, samples) ?? Promise.resolve(), // a slot stays with one worker: its writes keep their order
    dispose: async () => {
      await Promise.all(pool.map((worker) => worker.dispose()));
    },
  };
}

function startWorker(setup: WorkerSetup): WorkerPool {
  const worker = new Worker(workerFile, { workerData: setup, name: 'unlabel-views', ...workerFlags });
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let failure: UnlabelError | undefined;
  const settle = (id: number) => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return entry;
  };
  const fail = (error: UnlabelError) => {
    failure ??= error;
    for (const id of waiting.keys()) settle(id)?.reject(failure);
  };
  worker.unref();
  worker.on('message', ({ id, error }: RenderReply) => {
    const entry = settle(id);
    if (error === undefined) entry?.resolve();
    else entry?.reject(workerFailed('A view could not be rendered', error));
  });
  worker.on('error', (error) => fail(workerFailed('A worker thread stopped', error)));
  worker.on('exit', (code) => fail(workerFailed(`A worker thread exited with code ${code}`)));
  return {
    render: (slot, samples) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const request: RenderRequest = { id: requests++, slot, samples };
        waiting.set(request.id, { resolve, reject });
        worker.ref();
        worker.postMessage(request);
      }),
    dispose: async () => {
      fail(new UnlabelError('ABORTED', 'The loader was disposed of.'));
      await worker.terminate();
    },
  };
}

function workerFailed(what: string, cause?: unknown): UnlabelError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new UnlabelError('WORKER_FAILED', `${what}${reason}.`, {
    fix: '`workers: 0` renders on the main thread, where a debugger sees it.',
    cause,
  });
}
