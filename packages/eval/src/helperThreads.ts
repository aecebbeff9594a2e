/** One call of the kernel, whose parts all threads take in turns and count. */
export interface KernelCall {
  readonly name: 'prepare' | 'nearest';
  /** Of the export; the last is where parts that are done are counted, in bytes. */ readonly arguments: readonly number[];
  /** How many parts there are. */ readonly of: number;
}

/** Threads that run the kernel of `fixedPointSearch` beside the one that asks. */
export interface HelperThreads {
  /** How many there can be: processors but one, and none where threads cannot share memory with a waiting caller. */
  readonly count: number;
  /** Gives each thread an element of `calls`, `count` in all: it makes them one after the other, and then ends. */
  start(work: {
    readonly module: WebAssembly.Module;
    /** The memory that all share, and numbers. */
    readonly imports: { readonly memory: WebAssembly.Memory; readonly [global: string]: WebAssembly.Memory | number };
    readonly calls: readonly (readonly KernelCall[])[];
  }): void;
}

/** What `runKernel` does, in a thread: as text, so that no bundler has to find a file for it. */
const program = `
const { receiveMessageOnPort, workerData } = require('node:worker_threads');
if (Atomics.wait(workerData.given, 0, 0, 60_000) === 'timed-out') process.exit();
const { module, imports, calls } = receiveMessageOnPort(workerData.port).message;
const { exports } = new WebAssembly.Instance(module, { env: imports });
const counters = new Int32Array(imports.memory.buffer);
for (const call of calls) {
  exports[call.name](...call.arguments);
  const done = call.arguments.at(-1) / 4;
  Atomics.notify(counters, done);
  for (let parts = Atomics.load(counters, done); parts < call.of; parts = Atomics.load(counters, done)) {
    if (Atomics.wait(counters, done, parts, 60_000) === 'timed-out') process.exit();
  }
}
`;

/** Opens the threads of this machine, to be given work within a minute; in browsers, whose pages must not wait, and before Node 20.16 there are none. */
export function helperThreads(): HelperThreads {
  const threads = builtin('node:worker_threads');
  const processors = builtin('node:os')?.availableParallelism() ?? 1;
  if (!threads) return { count: 0, start: () => undefined };
  const given = new Int32Array(new SharedArrayBuffer(4));
  const ports = Array.from({ length: Math.min(processors, 16) - 1 }, () => {
    const { port1, port2 } = new threads.MessageChannel();
    const worker = new threads.Worker(program, {
      eval: true,
      workerData: { given, port: port2 },
      transferList: [port2],
      execArgv: [],
    });
    worker.on('error', () => undefined); // what it does not do the caller does, or finds missing
    worker.unref();
    return port1;
  });
  return {
    count: ports.length,
    start: ({ module, imports, calls }) => {
      for (const [thread, port] of ports.entries()) port.postMessage({ module, imports, calls: calls[thread] ?? [] });
      Atomics.store(given, 0, 1);
      Atomics.notify(given, 0);
    },
  };
}

/** A module of Node, found without an import that bundlers for browsers would stumble over. */
function builtin<Name extends 'node:os' | 'node:worker_threads'>(name: Name) {
  const { process } = globalThis;
  return process?.getBuiltinModule?.(name);
}
