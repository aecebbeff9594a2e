import { UnlabelError } from '@unlabel/core';
import type { Features } from './features';
import { type HelperThreads, helperThreads, type KernelCall } from './helperThreads';
import { bytesOfWasm } from './matrixMemory';
import { nearestSharedWasm, nearestWasm } from './wasm/nearestWasm';

/** Candidates of all queries, weighed in float32. */
export interface Candidates {
  /** The query's candidates, most similar first by fixed point: similarities in float32, and their bank rows. */
  of(query: number): { readonly similarities: Float32Array; readonly rows: Int32Array };
  /** What no row outside the candidates of a query can be more similar than. */
  bound(query: number): number;
}

const blockRows = 64; // as in nearest.wat
const chunkRows = 256;
const scale = 32_767; // 1.0 in fixed point: products of unit rows stay near 2³⁰
const rounding = 4e-6; // of the float32 sums
const patience = 60_000; // milliseconds for a block, which takes some 50

/**
 * The `length` bank rows of each query that are nearest by cosine similarity in 16-bit fixed point, on all processors.
 * @param length at most `bank.count`
 * @throws UnlabelError `BATCH_TOO_LARGE` past 4 GB in all, `WORKER_FAILED`
 */
export function fixedPointSearch(bank: Features, queries: Features, length: number): Candidates {
  const threads = helperThreads();
  const blocks = Math.ceil(queries.count / blockRows);
  const bytes = 2 * Math.ceil(bank.dim / 8) * 8;
  const listWords = 2 * length + 1;
  const listed = blocks * blockRows;
  const paddedBank = bank.count + (bank.count % 2);
  const { at, total } = layOut({
    queries: listed * bytes,
    bank: paddedBank * bytes,
    floatQueries: listed * 2 * bytes,
    floatBank: paddedBank * 2 * bytes,
    errorsOfQueries: queries.count * 4,
    errorsOfBank: bank.count * 4,
    lists: listed * listWords * 4,
    scratch: (threads.count + 1) * blockRows * chunkRows * 4,
    counters: 24,
  });
  const memory = openMemory(total, threads.count > 0);
  writeRows(memory, bank, { at: at.floatBank, stride: bytes / 2 });
  writeRows(memory, queries, { at: at.floatQueries, stride: bytes / 2 });
  const prepare = (data: Features, [float, fixed, errors, counters]: readonly [number, number, number, number]) => {
    const chunks = Math.ceil(data.count / chunkRows);
    const own = [float, fixed, errors, bytes, chunks, data.count, counters, counters + 4];
    return { name: 'prepare', arguments: own, of: chunks } as const;
  };
  const nearest = [at.queries, at.bank, at.floatQueries, at.floatBank, bytes, blocks, bank.count, at.lists, length];
  runKernel(memory, threads, (thread) => [
    prepare(bank, [at.floatBank, at.bank, at.errorsOfBank, at.counters]),
    prepare(queries, [at.floatQueries, at.queries, at.errorsOfQueries, at.counters + 8]),
    {
      name: 'nearest',
      arguments: [...nearest, at.scratch + thread * blockRows * chunkRows * 4, at.counters + 16, at.counters + 20],
      of: blocks,
    },
  ]);
  const { buffer } = memory;
  const errors = new Float32Array(buffer, at.errorsOfQueries, queries.count);
  const worst = new Float32Array(buffer, at.errorsOfBank, bank.count).reduce((most, error) => Math.max(most, error), 0);
  const listAt = (query: number) => at.lists + query * listWords * 4;
  return {
    of: (query) => ({
      similarities: new Float32Array(buffer, listAt(query), length),
      rows: new Int32Array(buffer, listAt(query) + 4 * length, length),
    }),
    bound: (query) => {
      const [last = 0] = new Int32Array(buffer, listAt(query) + 8 * length, 1);
      const error = errors[query] ?? 0;
      return last / scale ** 2 + error + (1 + error) * worst + rounding;
    },
  };
}

/** Places parts of so many bytes one after the other, each at a multiple of 16. */
function layOut<Part extends string>(sizes: Readonly<Record<Part, number>>) {
  let total = 0;
  const at: Record<Part, number> = { ...sizes };
  for (const part in sizes) {
    at[part] = total;
    total += Math.ceil(sizes[part] / 16) * 16;
  }
  return { at, total };
}

function openMemory(bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65_536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    throw new UnlabelError('BATCH_TOO_LARGE', `${Math.ceil(bytes / 2 ** 20)} MB of features do not fit.`, {
      fix: 'Measure on a random subset of the samples.',
      cause,
    });
  }
}

function writeRows(
  { buffer }: WebAssembly.Memory,
  { features, count, dim }: Features,
  { at, stride }: { readonly at: number; readonly stride: number },
): void {
  const target = new Float32Array(buffer, at, count * stride);
  if (stride === dim) target.set(features);
  else for (let row = 0; row < count; row++) target.set(features.subarray(row * dim, (row + 1) * dim), row * stride);
}

/** Makes the calls here and in the helper threads, one after the other in each. @throws UnlabelError `WORKER_FAILED` */
function runKernel(
  memory: WebAssembly.Memory,
  threads: HelperThreads,
  callsOf: (thread: number) => readonly KernelCall[],
): void {
  const module = new WebAssembly.Module(bytesOfWasm(threads.count > 0 ? nearestSharedWasm : nearestWasm));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  threads.start({ module, memory, calls: Array.from({ length: threads.count }, (_, thread) => callsOf(thread)) });
  const counters = new Int32Array(memory.buffer);
  for (const call of callsOf(threads.count)) {
    const kernel = exports[call.name];
    if (typeof kernel !== 'function') throw new Error(`The kernel does not export ${call.name}.`);
    kernel(...call.arguments);
    const done = (call.arguments.at(-1) ?? 0) / 4;
    for (let parts = Atomics.load(counters, done); parts < call.of; parts = Atomics.load(counters, done)) {
      if (Atomics.wait(counters, done, parts, patience) !== 'timed-out') continue;
      throw new UnlabelError('WORKER_FAILED', 'A thread that searches for neighbours has stopped.', {
        fix: 'Free memory or processors and measure again.',
      });
    }
  }
}
