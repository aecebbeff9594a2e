import type { Callback, RunHandle, TrainingEvent } from './callback';
import { openMetricsLog } from './metricsLog';
import type { RunStore } from './runStore';
import { openTensorboard } from './tensorboard';

/** Where a run's events go: to its files, to callbacks, and out to whoever iterates. */
export interface Journal {
  /** Yields the event and whatever callbacks emit because of it. */
  publish(event: TrainingEvent): AsyncGenerator<TrainingEvent, void>;
  /** Seconds spent in logs and callbacks. */ readonly callbackSeconds: number;
}

/** Opens the logs of a run. @param handle what callbacks get, but for `emit` */
export async function openJournal(
  callbacks: readonly Callback[],
  handle: Omit<RunHandle, 'emit'>,
  log: { readonly store: RunStore; readonly resumedFrom: number } | undefined,
): Promise<Journal> {
  const emitted: TrainingEvent[] = [];
  const emitting: RunHandle = { ...handle, emit: (event) => emitted.push(event) };
  const record = log ? await openLogs(log.store, log.resumedFrom) : undefined;
  let callbackSeconds = 0;
  return {
    get callbackSeconds() {
      return callbackSeconds;
    },
    publish: async function* (event) {
      const queue = [event];
      for (let next = queue.shift(); next; next = queue.shift()) {
        const since = performance.now();
        await record?.(next);
        for (const callback of callbacks) await callback.onEvent(next, emitting);
        callbackSeconds += (performance.now() - since) / 1000;
        queue.push(...emitted.splice(0));
        yield next;
      }
    },
  };
}

async function openLogs(store: RunStore, resumedFrom: number): Promise<(event: TrainingEvent) => Promise<void>> {
  const metrics = await openMetricsLog(store, resumedFrom);
  const tensorboard = await openTensorboard(store, resumedFrom);
  return async (event) => {
    await metrics.write(event);
    if (event.type === 'report') await tensorboard.scalars(event.step, prefixed(`${event.source}/`, event.figures));
    if (event.type === 'step') {
      const { loss, projectionStd, samplesPerSecond, terms, scalars } = event;
      const values = {
        loss,
        projectionStd,
        samplesPerSecond,
        ...prefixed('terms/', terms),
        ...prefixed('scalars/', scalars),
      };
      await tensorboard.scalars(event.step, values);
    }
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
