import { Worker } from 'node:worker_threads';
import { type PortableReference, UnlabelError } from '@unlabel/core';
import type { SampleToRender, ViewArrays } from './renderBatch';

/** What a worker is asked to do. */
export interface RenderRequest {
  readonly id: number;
  readonly samples: readonly SampleToRender[];
  /** Room for the views, which moves to the worker. */ readonly arrays: ViewArrays;
}

/** What it answers: the same arrays, or what went wrong. */
export interface RenderReply {
  readonly id: number;
  readonly arrays: ViewArrays;
  readonly error?: unknown;
}

/** Threads that render. */
export interface WorkerPool {
  render(samples: readonly SampleToRender[], arrays: ViewArrays): Promise<ViewArrays>;
  dispose(): Promise<void>;
}

interface Waiting {
  resolve(arrays: ViewArrays): void;
  reject(error: UnlabelError): void;
}

// A thread cannot load TypeScript: seen from the sources, the worker is the built one, and does without the flags that
// let this thread see sources.
const fromSources = import.meta.url.endsWith('.ts');
const workerFile = new URL(fromSources ? '../dist/viewWorker.js' : './viewWorker.js', import.meta.url);
const workerFlags = fromSources ? { execArgv: [] } : {};

/** Starts workers, which take turns. They keep the process alive only while they have something to render. */
export function startWorkers(reference: PortableReference, count: number): WorkerPool {
  const workers = Array.from({ length: count }, () => startWorker(reference));
  let turn = 0;
  return {
    render: (samples, arrays) => {
      const worker = workers[turn++ % count];
      if (!worker) throw new UnlabelError('INVALID_OPTION', 'A pool needs one worker or more.');
      return worker.render(samples, arrays);
    },
    dispose: async () => {
      await Promise.all(workers.map((worker) => worker.dispose()));
    },
  };
}

function startWorker(reference: PortableReference): WorkerPool {
  const worker = new Worker(workerFile, { workerData: reference, name: 'unlabel-views', ...workerFlags });
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let failure: UnlabelError | undefined;
  const settle = (id: number) => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry && waiting.size === 0) worker.unref(); // a late reply must not, while terminate() is awaited
    return entry;
  };
  const fail = (error: UnlabelError) => {
    failure ??= error;
    for (const id of waiting.keys()) settle(id)?.reject(failure);
  };
  worker.unref();
  worker.on('message', ({ id, arrays, error }: RenderReply) => {
    const entry = settle(id);
    if (error === undefined) entry?.resolve(arrays);
    else entry?.reject(workerFailed('A view could not be rendered', error));
  });
  worker.on('error', (error) => fail(workerFailed('A worker thread stopped', error)));
  worker.on('messageerror', (error) => fail(workerFailed('The reply of a worker could not be read', error)));
  worker.on('exit', (code) => fail(workerFailed(`A worker thread exited with code ${code}`)));
  return {
    render: (samples, arrays) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const request: RenderRequest = { id: requests++, samples, arrays };
        try {
          worker.postMessage(
            request,
            Object.values(arrays).map((array) => array.buffer),
          );
        } catch (error) {
          return reject(workerFailed('A sample could not be sent to a worker', error));
        }
        waiting.set(request.id, { resolve, reject });
        worker.ref();
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
