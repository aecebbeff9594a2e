/**
 * How two threads part. Node ends a thread by interrupting it, and ONNX Runtime's binding answers an interruption inside
 * of a native call with the end of the whole process. So the thread goes in and out of calls through a gate, and whoever
 * ends it closes the gate first and waits until it is out.
 */
export interface Gate {
  readonly memory: SharedArrayBuffer;
  /** The thread begins a call. @returns whether it may */ enter(): boolean;
  /** The thread's call is over. */ leave(): void;
  /** Lets no further call begin. */ close(): void;
  /** Closes, and blocks until no call is in progress, at most so long. */ closeAndWait(milliseconds: number): void;
}

const inside = 0;
const closed = 1;

/** A gate over memory that both threads see; new memory unless given. */
export function gateOver(memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)): Gate {
  const flags = new Int32Array(memory);
  const leave = () => {
    Atomics.store(flags, inside, 0);
    Atomics.notify(flags, inside);
  };
  const close = () => {
    Atomics.store(flags, closed, 1);
  };
  return {
    memory,
    enter: () => {
      Atomics.store(flags, inside, 1); // first, so that a gate that closes now either stops this call or waits for it
      if (Atomics.load(flags, closed) === 0) return true;
      leave();
      return false;
    },
    leave,
    close,
    closeAndWait: (milliseconds) => {
      close();
      Atomics.wait(flags, inside, 1, milliseconds);
    },
  };
}

const guarded = new Set<Gate>();

/** When the process ends, waits for the call in progress, a minute at most. @returns what ends the watch */
export function closeAtExit(gate: Gate): () => void {
  if (guarded.size === 0) process.on('exit', closeAll);
  guarded.add(gate);
  return () => {
    guarded.delete(gate);
    if (guarded.size === 0) process.off('exit', closeAll);
  };
}

function closeAll(): void {
  for (const gate of guarded) gate.closeAndWait(60_000);
}
