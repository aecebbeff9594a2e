import { Worker } from 'node:worker_threads';
import { type PortableReference, UnlabelError } from '@unlabel/core';
import type { BatchToRender, ViewArrays } from './renderBatch';
import { type SentSamples, sentSamples } from './sentSamples';

/** What a worker is asked to do. */
export interface RenderRequest {
  readonly id: number;
  readonly samples: SentSamples;
  readonly key: BatchToRender['key'];
  /** Room for the views, in shared memory. */ readonly arrays: ViewArrays;
  /** One shared number: the place in the batch of the sample at hand, which outlives a crash. */ readonly progress: Int32Array;
}

/** What it answers when the arrays are filled, or what went wrong. */
export interface RenderReply {
  readonly id: number;
  readonly error?: unknown;
}

/** Threads that render. */
export interface WorkerPool {
  /** Fills the arrays, which lie in shared memory. */
  render(batch: BatchToRender, arrays: ViewArrays): Promise<void>;
  dispose(): Promise<void>;
}

interface PoolWorker extends WorkerPool {
  /** Batches that it has yet to render. */ readonly pending: number;
}

/** How many threads, and what to tell of them. */
export interface PoolOptions {
  readonly count: number;
  /** What errors call a sample. */ nameOf(index: number): string;
  /** Is called when a thread crashed and another takes its place. */ onCrash(): void;
}

interface Job extends Omit<RenderRequest, 'samples' | 'key'> {
  readonly batch: BatchToRender;
  /** Threads that it has crashed. */ crashes: number;
  resolve(): void;
  reject(error: UnlabelError): void;
}

interface RunningWorker {
  readonly thread: Worker;
  /** Whether it has rebuilt the pipeline. */ ready: boolean;
}

const mostCrashes = 3; // of one batch

// A thread cannot load TypeScript: seen from the sources, the worker is the built one, and does without the flags that
// let this thread see sources.
const fromSources = import.meta.url.endsWith('.ts');
const workerFile = new URL(fromSources ? '../dist/viewWorker.js' : './viewWorker.js', import.meta.url);
const workerFlags = fromSources ? { execArgv: [] } : {};

/**
 * Starts workers; a batch goes to the one with the fewest, since the main thread keeps one of them from its processor. They keep the process alive only while they have something to render. One that
 * crashes is replaced, and what it held is rendered again; the third crash over one batch is an error that names the
 * sample.
 */
export function startWorkers(reference: PortableReference, options: PoolOptions): WorkerPool {
  const workers = Array.from({ length: options.count }, () => startWorker(reference, options));
  return {
    render: (batch, arrays) => {
      const least = Math.min(...workers.map(({ pending }) => pending));
      const idlest = workers.find(({ pending }) => pending === least);
      if (!idlest) throw new UnlabelError('INVALID_OPTION', 'A pool needs one worker or more.');
      return idlest.render(batch, arrays);
    },
    dispose: async () => {
      await Promise.all(workers.map((worker) => worker.dispose()));
    },
  };
}

function startWorker(reference: PortableReference, { nameOf, onCrash }: PoolOptions): PoolWorker {
  const jobs = new Map<number, Job>(); // in the order in which the worker does them
  let requests = 0;
  let failure: UnlabelError | undefined;

  const settle = (id: number) => {
    const job = jobs.get(id);
    jobs.delete(id);
    if (job && jobs.size === 0) current.thread.unref(); // a late reply must not, while terminate() is awaited
    return job;
  };
  const fail = (error: UnlabelError) => {
    failure ??= error;
    for (const id of [...jobs.keys()]) settle(id)?.reject(failure);
  };
  const reply = ({ id, error }: RenderReply) => {
    const job = settle(id);
    if (error === undefined) job?.resolve();
    else job?.reject(workerFailed(`${sampleOf(job, nameOf)} could not be rendered`, { cause: error }));
  };
  const crash = (error: UnlabelError) => {
    if (failure) return;
    if (!current.ready)
      fail(error); // another would fail the same way
    else recover(error);
  };
  /** The first job is the one that the thread was at; the others only waited. */
  const recover = (error: UnlabelError) => {
    onCrash();
    const [culprit] = jobs.values();
    if (culprit && ++culprit.crashes === mostCrashes) {
      const what = `${sampleOf(culprit, nameOf)} crashed ${mostCrashes} worker threads`;
      settle(culprit.id)?.reject(workerFailed(what, { cause: error }));
    }
    current = launch(reference, { reply, crash, fail });
    for (const job of jobs.values()) post(current, job);
  };

  let current = launch(reference, { reply, crash, fail });
  return {
    get pending() {
      return jobs.size;
    },
    render: (batch, arrays) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const progress = new Int32Array(new SharedArrayBuffer(4));
        const id = requests++;
        const job: Job = { id, batch, arrays, progress, crashes: 0, resolve, reject };
        try {
          post(current, job);
        } catch (cause) {
          return reject(workerFailed('A sample could not be sent to a worker', { cause }));
        }
        jobs.set(id, job);
      }),
    dispose: async () => {
      fail(new UnlabelError('ABORTED', 'The loader was disposed of.'));
      await current.thread.terminate();
    },
  };
}

interface ThreadEvents {
  reply(message: RenderReply): void;
  crash(error: UnlabelError): void;
  fail(error: UnlabelError): void;
}

/** Starts a thread, which does not keep the process alive before it has something to do. */
function launch(reference: PortableReference, { reply, crash, fail }: ThreadEvents): RunningWorker {
  const thread = new Worker(workerFile, { workerData: reference, name: 'unlabel-views', ...workerFlags });
  const running: RunningWorker = { thread, ready: false };
  let reason: UnlabelError | undefined;
  thread.unref();
  thread.on('message', (message: 'ready' | RenderReply) => {
    if (message === 'ready') running.ready = true;
    else reply(message);
  });
  thread.on('messageerror', (cause) => fail(workerFailed('The reply of a worker could not be read', { cause })));
  thread.on('error', (cause) => {
    reason = workerFailed('A worker thread stopped', { cause });
  });
  thread.on('exit', (code) => crash(reason ?? workerFailed(`A worker thread exited with code ${code}`)));
  return running;
}

function post({ thread }: RunningWorker, { id, batch, arrays, progress }: Job): void {
  const { samples, key } = batch;
  thread.postMessage({ id, samples: sentSamples(samples), key, arrays, progress } satisfies RenderRequest);
  thread.ref();
}

function sampleOf({ batch, progress }: Job, nameOf: PoolOptions['nameOf']): string {
  const sample = batch.samples[Atomics.load(progress, 0)];
  return sample ? `Sample ${nameOf(sample.index)}` : 'A sample';
}

function workerFailed(what: string, { cause }: { readonly cause?: unknown } = {}): UnlabelError {
  const reason = cause instanceof Error ? `: ${cause.message.replace(/\.$/, '')}` : '';
  return new UnlabelError('WORKER_FAILED', `${what}${reason}.`, {
    fix: '`workers: 0` renders on the main thread, where a debugger sees it.',
    cause,
  });
}
