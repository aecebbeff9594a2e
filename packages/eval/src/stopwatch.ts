/** Adds up the time that something takes, beside the time that has passed. */
export interface Stopwatch {
  /** Runs and times `work`. */
  time<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Share of the time since the stopwatch was made that its work took, in [0, 1]. */
  share(): number;
}

/** A stopwatch that starts now. */
export function stopwatch(): Stopwatch {
  const made = performance.now();
  let spent = 0;
  return {
    time: async (work) => {
      const start = performance.now();
      try {
        return await work();
      } finally {
        spent += performance.now() - start;
      }
    },
    share: () => spent / Math.max(performance.now() - made, spent, Number.MIN_VALUE),
  };
}
