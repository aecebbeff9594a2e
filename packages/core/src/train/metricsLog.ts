import type { TrainingEvent } from './callback';
import type { RunStore } from './runStore';

const path = 'metrics.jsonl';

/** A run's events as JSON lines, appended as they happen. */
export interface MetricsLog {
  write(event: TrainingEvent): Promise<void>;
}

/** Opens `metrics.jsonl` of a run; on resuming, lines after the step resumed from, and a last line cut off by a crash, go. */
export async function openMetricsLog(store: RunStore, resumedFrom: number): Promise<MetricsLog> {
  const old = await store.read(path);
  if (old) {
    const kept = resumedFrom > 0 ? linesUpTo(new TextDecoder().decode(old), resumedFrom) : '';
    await store.write(path, new TextEncoder().encode(kept));
  }
  return {
    write: async (event) => {
      const { type } = event;
      if (type === 'end' || type === 'checkpoint') return;
      const line = JSON.stringify({ time: new Date().toISOString(), ...event });
      await store.append(path, new TextEncoder().encode(`${line}\n`));
    },
  };
}

function linesUpTo(text: string, step: number): string {
  const kept = text.split('\n').filter((line) => {
    try {
      const event: unknown = JSON.parse(line);
      if (typeof event !== 'object' || event === null) return false;
      return !('step' in event) || (typeof event.step === 'number' && event.step <= step);
    } catch {
      return false;
    }
  });
  return kept.map((line) => `${line}\n`).join('');
}
