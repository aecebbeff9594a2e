import { UnlabelError } from '@unlabel/core';
import type { Features } from './features';
import { type HelperThreads, helperThreads, type KernelCall } from './helperThreads';
import { bytesOfWasm } from './matrixMemory';
import type { ScreeningDirections } from './screeningDirections';
import { nearestSharedWasm, nearestWasm } from './wasm/nearestWasm';

/** Candidates of all queries, weighed in float32. */
export interface Candidates {
  /**
   * The query's candidates, most similar first by fixed point: similarities in float32, and their bank rows. Those that
   * cannot be among the k nearest have similarity −∞.
   */
  of(query: number): { readonly similarities: Float32Array; readonly rows: Int32Array };
  /** What no row that is not weighed of a query can be more similar than. */
  bound(query: number): number;
}

const largeRows = 256; // as in nearest.wat
const smallRows = 64;
const chunkRows = 128;
const scale = 32_767; // 1.0 in fixed point: products of unit rows stay near 2³⁰
const patience = 60_000; // milliseconds for a block, which takes some 200

/** What is asked of a {@link fixedPointSearch}. */
export interface FixedPointSearch {
  /** k, how many neighbours must be among the candidates of a query, 1 … length. */ readonly k: number;
  /** How many candidates a query has, at most `bank.count`. */ readonly length: number;
  /** Directions by which most bank rows are ruled out (default none: every row is compared in all dimensions). */
  readonly directions?: ScreeningDirections | undefined;
  /** Threads that have been opened, to be used once (default: opens them). */ readonly threads?: HelperThreads;
}

/**
 * The bank rows of each query that are nearest by cosine similarity in 16-bit fixed point, on all processors. Rows that
 * cannot be among the k nearest are left out, whatever the directions; these change the time that it takes alone.
 * @throws UnlabelError `BATCH_TOO_LARGE` past 4 GB in all, `WORKER_FAILED`
 */
export function fixedPointSearch(
  bank: Features,
  queries: Features,
  { k, length, directions, threads = helperThreads() }: FixedPointSearch,
): Candidates {
  const large = queries.count >= 1024 * (threads.count + 1) ? Math.floor((0.8 * queries.count) / largeRows) : 0;
  const blocks = large + Math.ceil((queries.count - large * largeRows) / smallRows);
  const bytes = 2 * Math.ceil(bank.dim / 16) * 16;
  const headBytes = 2 * (directions?.count ?? 0);
  const listWords = 2 * length + 1;
  const listed = large * largeRows + (blocks - large) * smallRows;
  const paddedBank = Math.ceil(bank.count / 4) * 4;
  const scratchBytes = 4 * chunkRows * Math.max((large > 0 ? largeRows : smallRows) + 1, directions?.count ?? 0);
  const { at, total } = layOut<Part>({
    queries: listed * bytes,
    bank: paddedBank * bytes,
    floatQueries: listed * 2 * bytes,
    floatBank: paddedBank * 2 * bytes,
    headsOfQueries: listed * headBytes,
    headsOfBank: paddedBank * headBytes,
    tailsOfQueries: listed * 4,
    tailsOfBank: paddedBank * 4,
    directions: (headBytes / 2) * bytes,
    errorsOfQueries: queries.count * 4,
    errorsOfBank: bank.count * 4,
    lists: listed * listWords * 4,
    scratch: (threads.count + 1) * scratchBytes,
    counters: 24,
  });
  const memory = openMemory(total, threads.count > 0);
  writeRows(memory, bank, { at: at.floatBank, stride: bytes / 2 });
  writeRows(memory, queries, { at: at.floatQueries, stride: bytes / 2 });
  if (directions) writeDirections(memory, directions, { at: at.directions, stride: bytes / 2 });
  const rounding = roundingOf(bank.dim, headBytes / 2);
  const globals = { bytes, headBytes, directions: at.directions, slack: rounding.slack, length, k };
  const scratchOf = (thread: number) => at.scratch + thread * scratchBytes;
  runKernel({ memory, globals: { ...globals, margin: rounding.margin } }, threads, (thread) =>
    callsOf(at, scratchOf(thread), { bank: bank.count, queries: queries.count, large, blocks }),
  );
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
      const [least = 0] = new Int32Array(buffer, listAt(query) + 8 * length, 1);
      const error = errors[query] ?? 0;
      return least / scale ** 2 + error + (1 + error) * worst + rounding.ofSums;
    },
  };
}

type Part =
  | 'queries'
  | 'bank'
  | 'floatQueries'
  | 'floatBank'
  | 'headsOfQueries'
  | 'headsOfBank'
  | 'tailsOfQueries'
  | 'tailsOfBank'
  | 'directions'
  | 'errorsOfQueries'
  | 'errorsOfBank'
  | 'lists'
  | 'scratch'
  | 'counters';

/** What each thread does: bank, then queries in fixed point, then the search. */
function callsOf(
  at: Readonly<Record<Part, number>>,
  scratch: number,
  count: Readonly<Record<'bank' | 'queries' | 'large' | 'blocks', number>>,
): readonly KernelCall[] {
  const counter = (index: number) => [at.counters + 8 * index, at.counters + 8 * index + 4];
  const ofBank = [at.floatBank, at.bank, at.errorsOfBank, at.headsOfBank, at.tailsOfBank, count.bank, scratch];
  const ofQueries = [at.floatQueries, at.queries, at.errorsOfQueries, at.headsOfQueries, at.tailsOfQueries];
  const rows = [at.queries, at.bank, at.floatQueries, at.floatBank];
  const heads = [at.headsOfQueries, at.headsOfBank, at.tailsOfQueries, at.tailsOfBank];
  const search = [...rows, ...heads, count.large, count.blocks, count.bank, at.lists, scratch];
  const chunks = (length: number) => Math.ceil(length / chunkRows);
  return [
    { name: 'prepare', arguments: [...ofBank, ...counter(0)], of: chunks(count.bank) },
    { name: 'prepare', arguments: [...ofQueries, count.queries, scratch, ...counter(1)], of: chunks(count.queries) },
    { name: 'nearest', arguments: [...search, ...counter(2)], of: count.blocks },
  ];
}

/** How far rounding can take what the kernel computes from what it stands for; `margin` and `slack` in fixed point. */
function roundingOf(dim: number, headDim: number) {
  const ofSums = (dim / 4 + 4) * 2 ** -24; // four lanes of float32
  const ofRows = (2.01 * Math.sqrt(dim)) / 2 / scale; // half a unit a dimension in both
  const ofHeads = (1.01 * Math.sqrt(headDim) + headDim / 4 / scale) / scale;
  return {
    ofSums,
    margin: Math.ceil(2 * (ofRows + ofSums) * scale ** 2),
    slack: Math.ceil((ofHeads + 2 ** -20) * scale ** 2), // and four roundings of float32
  };
}

/** Shortens the directions so that their rounding to fixed point leaves no singular value above 1. */
function writeDirections(
  memory: WebAssembly.Memory,
  { rows, count, dim }: ScreeningDirections,
  { at, stride }: Place,
): void {
  const shortened = scale * (1 - 1e-6) - Math.sqrt(count * dim) / 2;
  const target = new Int16Array(memory.buffer, at, count * stride);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < dim; column++) {
      target[row * stride + column] = Math.round((rows[row * dim + column] ?? 0) * shortened);
    }
  }
}

/** Where rows are written: from which byte on, and how many elements apart. */
interface Place {
  readonly at: number;
  readonly stride: number;
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

function writeRows({ buffer }: WebAssembly.Memory, { features, count, dim }: Features, { at, stride }: Place): void {
  const target = new Float32Array(buffer, at, count * stride);
  if (stride === dim) target.set(features);
  else for (let row = 0; row < count; row++) target.set(features.subarray(row * dim, (row + 1) * dim), row * stride);
}

/** What the kernel is given by name. */
interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly globals: Readonly<Record<string, number>>;
}

/** Makes the calls here and in the helper threads, one after the other in each. @throws UnlabelError `WORKER_FAILED` */
function runKernel(
  { memory, globals }: Kernel,
  threads: HelperThreads,
  callsOf: (thread: number) => readonly KernelCall[],
): void {
  const module = new WebAssembly.Module(bytesOfWasm(threads.count > 0 ? nearestSharedWasm : nearestWasm));
  const { exports } = new WebAssembly.Instance(module, { env: { memory, ...globals } });
  threads.start({
    module,
    imports: { memory, ...globals },
    calls: Array.from({ length: threads.count }, (_, thread) => callsOf(thread)),
  });
  const counters = new Int32Array(memory.buffer);
  for (const call of callsOf(threads.count)) {
    const kernel = exports[call.name];
    if (typeof kernel !== 'function') throw new Error(`The kernel does not export ${call.name}.`);
    kernel(...call.arguments);
    const done = (call.arguments.at(-1) ?? 0) / 4;
    Atomics.notify(counters, done); // threads may wait for the parts that were done here
    for (let parts = Atomics.load(counters, done); parts < call.of; parts = Atomics.load(counters, done)) {
      if (Atomics.wait(counters, done, parts, patience) !== 'timed-out') continue;
      throw new UnlabelError('WORKER_FAILED', 'A thread that searches for neighbours has stopped.', {
        fix: 'Free memory or processors and measure again.',
      });
    }
  }
}
