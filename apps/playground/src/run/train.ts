import {
  type BackendSession,
  type BatchSource,
  type Callback,
  pretrain,
  type RunOptions,
  type RunStore,
} from '@unlabel/core';
import { loader } from '@unlabel/data';
import { collapseMonitor, onlineKnn } from '@unlabel/eval';
import type { OpenRun } from './openRun';
import type { ShownEvent } from './protocol';

/** Where a run computes and what it leaves where. */
export interface TrainOptions {
  readonly session: BackendSession;
  readonly store: RunStore;
  /** Whether to go on from the newest checkpoint. */ readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ShownEvent) => void;
}

const mostSteps = 25; // between checkpoints

/**
 * Trains until the last step or the signal, whichever is first; both leave a checkpoint.
 * @returns whether it reached the last step
 * @throws UnlabelError what `pretrain` throws
 */
export async function train(run: OpenRun, options: TrainOptions): Promise<boolean> {
  const { session, store, resume, signal, onEvent } = options;
  const batches = batchesOf(run, session);
  try {
    const events = pretrain({
      ...optionsOf(run, batches),
      session,
      store,
      resume,
      signal,
      checkpointEvery: Math.min(batches.batchesPerEpoch, mostSteps),
      callbacks: callbacksOf(run),
    });
    for await (const event of events) {
      if (event.type === 'end') return !event.aborted;
      onEvent(event);
      await turn();
    }
    return true;
  } finally {
    await batches.dispose();
  }
}

/** The views that a run learns from, made by the session that trains on them, where there is one and it can. */
export function batchesOf(
  { settings, split, parts }: OpenRun,
  session: Pick<BackendSession, 'views'> = {},
): BatchSource {
  const { batchSize, seed } = settings;
  return loader({ dataset: split.learned, views: parts.views, session, batchSize, seed, workers: 0 });
}

/** What a run is made of, wherever it computes. */
export function optionsOf({ settings, parts }: OpenRun, batches: BatchSource): RunOptions {
  const { encoder, objective, optimizer, learningRate } = parts;
  const { epochs, seed } = settings;
  return { batches, encoder, objective, optimizer, learningRate, epochs, seed };
}

function callbacksOf({ bank, heldOut, map }: OpenRun): readonly Callback[] {
  const monitor = collapseMonitor({ heldOut });
  if (bank.classes < 2) return [map.callback, monitor];
  return [map.callback, onlineKnn({ bank, test: heldOut, k: Math.min(20, bank.count) }), monitor];
}

/** Lets messages of the page in. A channel, because timers of hidden pages are slowed down. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
