import type { Failure, Message, Notice, RequestMessage, RequestName, Requests } from './protocol';

/** What the worker refused, as an error. */
export class RefusedRequest extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** The page's end of the worker. */
export interface Client {
  /** Ends the worker; what it was asked for is refused. */ end(): void;
  ask<Name extends RequestName>(name: Name, ...args: Parameters<Requests[Name]>): Promise<ReturnType<Requests[Name]>>;
}

/** Starts the worker. @param onNotice takes what it tells of its own accord, its end included */
export function startWorker(onNotice: (notice: Notice) => void): Client {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  let over = false;
  worker.onmessage = ({ data }: MessageEvent<Message>) => {
    if (over) return;
    if (data.type === 'reply') waiting.get(data.id)?.resolve(data.result);
    else if (data.type === 'refusal') waiting.get(data.id)?.reject(new RefusedRequest(data.failure));
    else onNotice(data);
    if ('id' in data) waiting.delete(data.id);
  };
  const refuseAll = (failure: Failure) => {
    for (const { reject } of waiting.values()) reject(new RefusedRequest(failure));
    waiting.clear();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    if (over) return;
    const failure = {
      code: 'WORKER_FAILED',
      message: `The part of the page that trains has failed: ${event.message || 'it could not be loaded'}.`,
      fix: 'Continue from the newest checkpoint, or reload the page; what was saved is whole.',
    };
    refuseAll(failure);
    onNotice({ type: 'failure', failure });
  };
  return {
    end: () => {
      over = true;
      worker.terminate();
      refuseAll({ code: 'ABORTED', message: 'The part of the page that trains was started anew.', fix: 'Try again.' });
    },
    ask: (name, ...args) =>
      new Promise((resolve, reject) => {
        const id = asked++;
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject }); // the worker answers by the protocol
        worker.postMessage({ id, name, arguments: args } satisfies RequestMessage);
      }),
  };
}
