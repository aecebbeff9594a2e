import { type Evaluator, type LabelledFeatures, randomStream, UnlabelError } from '@unlabel/core';
import { admit, type SplitOptions } from './admit';
import { type Features, takeRows, unitRows } from './features';
import { matrixMemory, writeRows } from './matrixMemory';
import { type NearestNeighbours, nearestNeighbours } from './nearestNeighbours';

export interface RetrievalOptions extends SplitOptions {
  /** Cut-offs k of recall@k, 1 … bank rows (default 1, 5, 10). */ readonly ks?: readonly number[];
}

/** How well the rows of a query's class come first. */
export interface RetrievalResult {
  /** By cut-off: share of queries with a row of their class among the first k, in [0, 1]. */
  readonly recall: ReadonlyMap<number, number>;
  /** Mean over queries of the average precision of the whole ranking, in (0, 1]. */ readonly meanAveragePrecision: number;
  /** The first max(ks) bank rows of each query, for grids of images. */ readonly neighbours: NearestNeighbours;
  /** What must be known of the figures: queries without a label or without rows of their class are left out of them. */
  readonly warnings: readonly string[];
}

/**
 * Retrieval by cosine similarity: a bank row is right when it is of the query's class. Rankings as scikit-learn's
 * `average_precision_score` counts them: rows of equal similarity come at once.
 * @throws UnlabelError `INVALID_OPTION`, `SPLITS_OVERLAP`, and those of features and labels: `SHAPE_MISMATCH`,
 * `LABELS_MISSING`, `LABELS_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 */
export function retrieval(
  bank: LabelledFeatures,
  queries: LabelledFeatures,
  options: RetrievalOptions = {},
): RetrievalResult {
  const { ks = [1, 5, 10] } = options;
  const { bank: known, warnings } = admit(bank, queries, options);
  if (ks.length === 0) throw new UnlabelError('INVALID_OPTION', 'ks is an empty list.', { fix: 'Give a cut-off.' });
  for (const k of ks) requireCutOff(k, known.count);
  const neighbours = nearestNeighbours(known, queries, { k: Math.max(...ks) });
  const present = new Set(known.labels);
  const asked = Int32Array.from(queries.labels.keys()).filter((row) => present.has(queries.labels[row] ?? -1));
  if (asked.length === 0) {
    throw new UnlabelError('LABELS_MISMATCH', 'No query is of a class that the bank has.', {
      fix: 'Index the labels of both by one list of class names.',
    });
  }
  const first = asked.map((row) => firstHit(neighbours, row, known.labels, queries.labels[row] ?? -1));
  const recall = new Map(ks.map((k) => [k, first.filter((place) => place < k).length / asked.length]));
  const precisions = averagePrecisions(known, takeRows(queries, asked));
  const meanAveragePrecision = precisions.reduce((sum, value) => sum + value, 0) / asked.length;
  return { recall, meanAveragePrecision, neighbours, warnings };
}

export interface RetrievalEvaluatorOptions extends RetrievalOptions {
  /** Test rows that ask at most, drawn at random (default 1,000): each ranks the whole bank. */ readonly queries?: number;
}

const queriesShown = 16;

/**
 * {@link retrieval} as an evaluator: figures `recallAt1`, `recallAt5`, … and `meanAveragePrecision`; detail `neighbours`, for
 * some test rows the bank rows that come first, with similarities, by their numbers in the sets that were given.
 */
export function retrievalEvaluator(options: RetrievalEvaluatorOptions = {}): Evaluator {
  const { queries: most = 1000, ...others } = options;
  return {
    name: 'retrieval',
    evaluate: async (bank, test, seed, notes) => {
      const rows = randomStream([seed, 'retrieval']).permutation(test.count).subarray(0, most);
      const { recall, meanAveragePrecision, neighbours, warnings } = retrieval(bank, takeRows(test, rows), others);
      const places = Int32Array.from(bank.labels.keys()).filter((row) => (bank.labels[row] ?? -1) >= 0);
      notes?.warnings.push(...warnings);
      if (notes) {
        const { k } = neighbours;
        notes.details.neighbours = [...rows.subarray(0, queriesShown)].map((row, query) => ({
          query: row,
          rows: [...neighbours.rows.subarray(query * k, (query + 1) * k)].map((place) => places[place] ?? 0),
          similarities: [...neighbours.similarities.subarray(query * k, (query + 1) * k)],
        }));
      }
      const recalls = [...recall].map(([k, value]) => [`recallAt${k}`, value]);
      return { ...Object.fromEntries(recalls), meanAveragePrecision };
    },
  };
}

const queriesAtOnce = 64;

/** Of each query, over all bank rows. */
function averagePrecisions(bank: LabelledFeatures, queries: LabelledFeatures): number[] {
  const { dim } = bank;
  const memory = matrixMemory();
  const bankRows = memory.matrix(bank.count, dim, unitRows(bank));
  const block = memory.matrix(queriesAtOnce, dim);
  const similarities = memory.matrix(queriesAtOnce, bank.count);
  const directions = unitRows(queries satisfies Features);
  const precisions: number[] = [];
  for (let start = 0; start < queries.count; start += queriesAtOnce) {
    writeRows(block, directions.subarray(start * dim, (start + queriesAtOnce) * dim));
    memory.dotProducts(block, bankRows, similarities);
    const { values, stride } = similarities;
    for (let query = start; query < Math.min(start + queriesAtOnce, queries.count); query++) {
      const from = (query - start) * stride;
      const scores = values.slice(from, from + bank.count);
      precisions.push(
        averagePrecision(
          scores,
          scores.filter((_, row) => bank.labels[row] === queries.labels[query]),
        ),
      );
    }
  }
  return precisions;
}

/** Σ over thresholds of precision × gain in recall. Sorts both in place. */
function averagePrecision(all: Float32Array, right: Float32Array): number {
  all.sort();
  right.sort();
  let [precision, above] = [0, all.length]; // `above` is where the rows at or over the threshold begin
  for (let last = right.length - 1; last >= 0; ) {
    const threshold = right[last] ?? 0;
    while (above > 0 && (all[above - 1] ?? 0) >= threshold) above--;
    let first = last;
    while (first > 0 && right[first - 1] === threshold) first--;
    precision += ((last - first + 1) / right.length) * ((right.length - first) / (all.length - above));
    last = first - 1;
  }
  return precision;
}

/** The place of the first row of the class, or k where none is. */
function firstHit({ k, rows }: NearestNeighbours, query: number, labels: Int32Array, wanted: number): number {
  const place = rows.subarray(query * k, (query + 1) * k).findIndex((row) => labels[row] === wanted);
  return place < 0 ? k : place;
}

function requireCutOff(k: number, rows: number): void {
  if (Number.isInteger(k) && k >= 1 && k <= rows) return;
  throw new UnlabelError('INVALID_OPTION', `ks holds ${k}, but the bank has ${rows} rows.`, {
    fix: `Choose whole numbers from 1 to ${rows}.`,
  });
}
