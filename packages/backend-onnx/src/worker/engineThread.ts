import { Worker } from 'node:worker_threads';
import { UnlabelError } from '@unlabel/core';
import { unpacked } from './engineServer';
import { closeAtExit, gateOver } from './gate';
import type { EngineCall, EngineReply, EngineRequest, EngineThreadData } from './protocol';

/** A thread with an engine. It keeps the process alive only while a call waits for its reply. */
export interface EngineThread {
  /**
   * Makes a call. Calls are answered in their order, and need not wait for one another.
   * @param move memory that the request holds and that moves to the thread
   * @throws UnlabelError what the engine throws; `WORKER_FAILED` when the thread has ended, `ABORTED` after `stop`
   */
  call(request: EngineRequest, move?: readonly ArrayBuffer[]): Promise<EngineReply>;
  /** Bytes that states held at the last reply. */ bytes(): number;
  /** Ends the thread once the call in progress is over; other calls fail. */ stop(): Promise<void>;
}

// A thread cannot load TypeScript: seen from the sources, the worker is the built one, and does without the flags that
// let this thread see sources.
const fromSources = import.meta.url.endsWith('.ts');
const workerFile = new URL(fromSources ? '../../dist/engineWorker.js' : './engineWorker.js', import.meta.url);
const workerFlags = fromSources ? { execArgv: [] } : {};

/** Starts a thread. It has no engine yet: the first request is to open one. */
export function startEngineThread(): EngineThread {
  const gate = gateOver();
  const workerData: EngineThreadData = { gate: gate.memory };
  const worker = new Worker(workerFile, { workerData, name: 'unlabel-onnx', ...workerFlags });
  const unguard = closeAtExit(gate);
  const calls = callsTo(worker);
  let bytes = 0;
  let failure: UnlabelError | undefined;
  let stopped: Promise<unknown> | undefined;
  const fail = (cause: unknown) => {
    failure ??= threadEnded(cause);
    calls.fail(failure);
  };
  worker.on('message', (reply: EngineReply) => {
    bytes = reply.bytes;
    calls.settle(reply);
  });
  worker.on('error', fail);
  worker.on('messageerror', fail);
  worker.on('exit', (code) => {
    unguard();
    fail(`it exited with code ${code}`);
  });
  const stop = async () => {
    const alive = failure === undefined;
    failure ??= new UnlabelError('ABORTED', 'The session was disposed of.');
    calls.fail(failure);
    gate.close();
    if (alive) await calls.send().catch(() => undefined); // the reply comes when the call in progress is over
    await worker.terminate();
  };
  return {
    bytes: () => bytes,
    call: async (request, move) => {
      if (failure) throw failure;
      return calls.send(request, move);
    },
    stop: async () => {
      stopped ??= stop();
      await stopped;
    },
  };
}

/** Calls on their way to a thread and back. */
interface Calls {
  send(request?: EngineRequest, move?: readonly ArrayBuffer[]): Promise<EngineReply>;
  settle(reply: EngineReply): void;
  /** Rejects all that wait. */ fail(error: UnlabelError): void;
}

function callsTo(worker: Worker): Calls {
  const waiting = new Map<number, { resolve(reply: EngineReply): void; reject(error: unknown): void }>();
  let sent = 0;
  const taken = (id: number) => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry && waiting.size === 0) worker.unref(); // a late reply must not, while terminate() is awaited
    return entry;
  };
  worker.unref();
  return {
    send: (request, move = []) =>
      new Promise((resolve, reject) => {
        const id = sent++;
        const call: EngineCall = request ? { id, request } : { id };
        worker.postMessage(call, move);
        waiting.set(id, { resolve, reject });
        worker.ref();
      }),
    settle: (reply) => {
      const entry = taken(reply.id);
      if (reply.failure) entry?.reject(unpacked(reply.failure));
      else entry?.resolve(reply);
    },
    fail: (error) => {
      for (const id of [...waiting.keys()]) taken(id)?.reject(error);
    },
  };
}

function threadEnded(cause: unknown): UnlabelError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UnlabelError('WORKER_FAILED', `The thread that runs steps has ended, and its state is lost: ${reason}.`, {
    fix: "Continue from a checkpoint. Where memory ran out, use smaller batches; `thread: 'main'` does without a thread.",
    cause,
  });
}
