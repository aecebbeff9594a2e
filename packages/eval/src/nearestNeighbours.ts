import { UnlabelError } from '@unlabel/core';
import { type Features, requireFeatures, requireSameDim, unitRows } from './features';
import { type Candidates, fixedPointSearch } from './fixedPointSearch';
import { helperThreads } from './helperThreads';
import { matrixMemory, writeRows } from './matrixMemory';
import { screeningDirections } from './screeningDirections';

export interface NearestNeighboursOptions {
  /** k, neighbours of each query, 1 … bank.count (default 20). */ readonly k?: number;
  /** Whether query i is bank row i and must not be its own neighbour; k is then below bank.count (default false). */
  readonly excludeSelf?: boolean;
}

/** The bank rows nearest to each query, nearest first. */
export interface NearestNeighbours {
  readonly k: number;
  /** Bank rows `[count, k]`, row-major. */ readonly rows: Int32Array;
  /** Their cosine similarities `[count, k]`, in [−1, 1]. */ readonly similarities: Float32Array;
}

const queriesAtOnce = 128; // their rows stay in cache while the bank streams past
const spare = 16; // candidates beyond k, so that those whose order fixed point leaves open are among them
const worthThreads = 1e9; // products, some 50 ms of work
const worthScreening = 3e10; // products, some ten times what finding directions takes

/**
 * The k bank rows of largest cosine similarity to each query, exactly: those that float32 finds. Equal similarities go to
 * the earlier bank row; an all-zero row has similarity 0 to everything. Larger searches run on all processors.
 * @throws UnlabelError `INVALID_OPTION`, `SHAPE_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`, `BATCH_TOO_LARGE`
 */
export function nearestNeighbours(
  bank: Features,
  queries: Features,
  options: NearestNeighboursOptions = {},
): NearestNeighbours {
  const { k = 20, excludeSelf = false } = options;
  requireFeatures({ bank, queries });
  requireSameDim(bank, queries, 'queries');
  if (!excludeSelf) return nearestOfAdmitted(bank, queries, k);
  requireNeighbours(k, bank.count - 1);
  if (bank.count !== queries.count) {
    throw new UnlabelError('SHAPE_MISMATCH', `bank has ${bank.count} rows but queries has ${queries.count}.`, {
      fix: 'With excludeSelf, query i must be bank row i.',
    });
  }
  return withoutSelf(search(bank, queries, k + 1), queries.count);
}

/** {@link nearestNeighbours} of features that have been checked. @throws UnlabelError `INVALID_OPTION`, `BATCH_TOO_LARGE` */
export function nearestOfAdmitted(bank: Features, queries: Features, k: number): NearestNeighbours {
  requireNeighbours(k, bank.count);
  return search(bank, queries, k);
}

function search(bank: Features, queries: Features, k: number): NearestNeighbours {
  const { count } = queries;
  const found = { k, rows: new Int32Array(count * k), similarities: new Float32Array(count * k) };
  const length = k + spare + Math.ceil(k / 8);
  const large = bank.count * count * bank.dim >= worthThreads && length <= bank.count;
  const open = large ? takeCertain(candidatesOf(bank, queries, k, length), found, count) : undefined;
  if (open?.length !== 0) searchAll(bank, queries, found, open ?? Int32Array.from({ length: count }, (_, row) => row));
  return found;
}

function candidatesOf(bank: Features, queries: Features, k: number, length: number): Candidates {
  const threads = helperThreads(); // they come up while directions are found
  const worth = bank.count * queries.count * bank.dim >= worthScreening;
  const directions = worth ? screeningDirections(bank, queries, k) : undefined;
  return fixedPointSearch(bank, queries, { k, length, directions, threads });
}

/** Takes over what candidates settle, and returns the queries of which another row might be as near. */
function takeCertain(candidates: Candidates, found: NearestNeighbours, count: number): Int32Array {
  const { k } = found;
  const open: number[] = [];
  for (let query = 0; query < count; query++) {
    const { rows, similarities } = candidates.of(query);
    sortDescending(similarities, rows);
    if (!((similarities[k - 1] ?? 0) > candidates.bound(query))) open.push(query);
    found.rows.set(rows.subarray(0, k), query * k);
    found.similarities.set(similarities.subarray(0, k), query * k);
  }
  return Int32Array.from(open);
}

/** By insertion, in place: candidates come nearly sorted. Equal similarities by row. */
function sortDescending(similarities: Float32Array, rows: Int32Array): void {
  for (let next = 1; next < rows.length; next++) {
    const [similarity, row] = [similarities[next] ?? 0, rows[next] ?? 0];
    let place = next;
    for (; place > 0; place--) {
      const before = similarities[place - 1] ?? 0;
      if (before > similarity || (before === similarity && (rows[place - 1] ?? 0) < row)) break;
      similarities[place] = before;
      rows[place] = rows[place - 1] ?? 0;
    }
    similarities[place] = similarity;
    rows[place] = row;
  }
}

/** Compares the queries at `which` with every bank row in float32. */
function searchAll(bank: Features, queries: Features, found: NearestNeighbours, which: Int32Array): void {
  const { dim } = bank;
  const { k } = found;
  const memory = matrixMemory();
  const bankRows = memory.matrix(bank.count, dim, unitRows(bank));
  const block = memory.matrix(queriesAtOnce, dim);
  const similarities = memory.matrix(queriesAtOnce, bank.count);
  const directions = unitRows(queries);
  const gathered = new Float32Array(queriesAtOnce * dim);
  for (let first = 0; first < which.length; first += queriesAtOnce) {
    const part = which.subarray(first, first + queriesAtOnce);
    part.forEach((query, place) => {
      gathered.set(directions.subarray(query * dim, (query + 1) * dim), place * dim);
    });
    writeRows(block, gathered);
    memory.dotProducts(block, bankRows, similarities);
    const { values, stride } = similarities;
    part.forEach((query, place) => {
      const candidates = values.subarray(place * stride, place * stride + bank.count);
      keepNearest(candidates, {
        rows: found.rows.subarray(query * k, (query + 1) * k),
        similarities: found.similarities.subarray(query * k, (query + 1) * k),
      });
    });
  }
}

/** The largest, kept sorted by insertion: few candidates beat the last once the first rows have passed. */
function keepNearest(
  candidates: Float32Array,
  kept: { readonly rows: Int32Array; readonly similarities: Float32Array },
): void {
  const { rows, similarities } = kept;
  const last = rows.length - 1;
  similarities.fill(Number.NEGATIVE_INFINITY);
  let threshold = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < candidates.length; row++) {
    const similarity = candidates[row] ?? 0;
    if (similarity <= threshold) continue;
    let place = last;
    for (; place > 0 && (similarities[place - 1] ?? 0) < similarity; place--) {
      similarities[place] = similarities[place - 1] ?? 0;
      rows[place] = rows[place - 1] ?? 0;
    }
    similarities[place] = similarity;
    rows[place] = row;
    threshold = similarities[last] ?? 0;
  }
}

/** Leaves each query's own row out, or the last neighbour where as many others are as near. */
function withoutSelf(found: NearestNeighbours, count: number): NearestNeighbours {
  const k = found.k - 1;
  const [rows, similarities] = [new Int32Array(count * k), new Float32Array(count * k)];
  for (let query = 0; query < count; query++) {
    const own = found.rows.subarray(query * found.k, (query + 1) * found.k).indexOf(query);
    const skipped = own < 0 ? k : own;
    for (let place = 0; place < k; place++) {
      const from = query * found.k + place + (place >= skipped ? 1 : 0);
      rows[query * k + place] = found.rows[from] ?? 0;
      similarities[query * k + place] = found.similarities[from] ?? 0;
    }
  }
  return { k, rows, similarities };
}

/** @throws UnlabelError `INVALID_OPTION` */
function requireNeighbours(k: number, most: number): void {
  if (Number.isInteger(k) && k >= 1 && k <= most) return;
  throw new UnlabelError('INVALID_OPTION', `k is ${k}, but the bank has ${most} rows to choose from.`, {
    fix: most >= 1 ? `Choose a whole number from 1 to ${most}.` : 'Give a larger bank.',
  });
}
