/** A way to end a run from the keyboard. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/**
 * The first Ctrl-C (or SIGTERM) lets the present step finish and a checkpoint be written, or the present evaluator end; the
 * second ends the process.
 * @param say told once, at the first
 */
export function listenForInterruption(say: (message: string) => void): Interruption {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    say('Stopping after what is going on now, and saving; press Ctrl-C again to stop at once.');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
