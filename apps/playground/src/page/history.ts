/** A value and the step that it is of. */
export type Point = readonly [step: number, value: number];

/** What has been measured so far. */
export interface History {
  readonly loss: readonly Point[];
  readonly knn: readonly Point[];
  readonly rankMe: readonly Point[];
  /** Of the projections of a batch: 1 is healthy, 0 collapsed. */ readonly std: readonly Point[];
}

export const nothing: History = { loss: [], knn: [], rankMe: [], std: [] };

const most = 4000;

/**
 * The history with one more value: in place of those from its step on, where a run went on from a checkpoint before it. Of
 * long runs every second value goes, again and again, but never the first.
 */
export function withPoint(history: History, name: keyof History, step: number, value: number): History {
  const points = history[name];
  const before = (points.at(-1)?.[0] ?? -1) < step ? points : points.filter(([other]) => other < step);
  const kept = before.length < most ? before : before.filter((_, at) => at % 2 === 0);
  return { ...history, [name]: [...kept, [step, value]] };
}
