import { type LabelledFeatures, UnlabelError } from '@unlabel/core';
import { labelledCount } from './accuracy';
import { type Features, requireBankAndTest, takeRows } from './features';

export interface SplitOptions {
  /**
   * Whether test rows may be in the bank, too (default false: more than 1 in 100 are refused, fewer warned of). Rows that
   * the bank has twice do not count: they tell no sample from others.
   */
  readonly allowOverlap?: boolean;
}

/** What may be measured, and what must be said of it. */
export interface Admitted {
  /** Rows whose label is known. */ readonly bank: LabelledFeatures;
  /** All rows; those of label −1 get a prediction that is not scored. */ readonly test: LabelledFeatures;
  readonly warnings: readonly string[];
}

/**
 * Checks a bank and a test set, and leaves bank rows of label −1 out.
 * @throws UnlabelError `SHAPE_MISMATCH`, `LABELS_MISSING`, `LABELS_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`,
 * `SPLITS_OVERLAP`
 */
export function admit(bank: LabelledFeatures, test: LabelledFeatures, options: SplitOptions = {}): Admitted {
  const { allowOverlap = false } = options;
  requireBankAndTest(bank, test);
  const known = labelledRows(bank);
  const overlap = allowOverlap ? [] : overlapOf(bank, test);
  return {
    bank: known,
    test,
    warnings: [
      ...unlabelled('bank', bank),
      ...classesOf('bank', known),
      ...warningsOfTest(test),
      ...constantColumns(known),
      ...(bank.dim === 1 ? ['Features have one dimension: what goes by cosines sees its sign alone.'] : []),
      ...overlap,
    ],
  };
}

/** What must be said of figures that are measured on these rows. */
export function warningsOfTest(test: LabelledFeatures): readonly string[] {
  return [...unlabelled('test', test), ...classesOf('test', test)];
}

/** Said by measures that look at directions, and need no labels. */
export const collapsedWarning = 'All rows point the same way: but for their lengths, the features have collapsed.';

/** The rows whose label is known: the data itself where all are. */
export function labelledRows(data: LabelledFeatures): LabelledFeatures {
  if (!data.labels.includes(-1)) return data;
  return takeRows(
    data,
    Int32Array.from(data.labels.keys()).filter((row) => (data.labels[row] ?? -1) >= 0),
  );
}

function unlabelled(name: string, { labels, count }: LabelledFeatures): string[] {
  const missing = count - labelledCount(labels);
  return missing > 0 ? [`${missing} of ${count} rows of ${name} have no label and were left out.`] : [];
}

function classesOf(name: string, { labels, classes }: LabelledFeatures): string[] {
  const present = new Set(labels.filter((label) => label >= 0));
  const absent = Array.from({ length: classes }, (_, label) => label).filter((label) => !present.has(label));
  const few = absent.length > 8 ? `${absent.slice(0, 8).join(', ')}, …` : absent.join(', ');
  return [
    ...(present.size === 1 ? [`All rows of ${name} are of one class: accuracies say nothing about the features.`] : []),
    ...(absent.length > 0 ? [`${name} has no rows of ${absent.length} of ${classes} classes: ${few}.`] : []),
  ];
}

function constantColumns({ features, count, dim }: Features): string[] {
  let constant = Array.from({ length: dim }, (_, column) => column);
  for (let row = 1; row < count && constant.length > 0; row++) {
    constant = constant.filter((column) => features[row * dim + column] === features[column]);
  }
  const number = constant.length;
  if (count < 2 || number === 0) return [];
  return number === dim
    ? ['All bank rows are equal: the features have collapsed.']
    : [`${number} of ${dim} dimensions are constant over the bank.`];
}

/** @throws UnlabelError `SPLITS_OVERLAP` */
function overlapOf(bank: LabelledFeatures, test: LabelledFeatures): string[] {
  const places = singleRows(bank);
  const hashes = rowHashes(test);
  const words = { bank: wordsOf(bank), test: wordsOf(test) };
  let first: string | undefined;
  let shared = 0;
  hashes.forEach((hash, row) => {
    const place = places.get(hash) ?? -1;
    if (place < 0) return;
    for (let column = 0; column < bank.dim; column++) {
      if (words.bank[place * bank.dim + column] !== words.test[row * bank.dim + column]) return;
    }
    first ??= `test row ${row} is bank row ${place}`;
    shared++;
  });
  if (first === undefined) return [];
  const message = `${shared} of ${test.count} test rows are in the bank, too: ${first}.`;
  if (shared * 100 <= test.count) return [message];
  throw new UnlabelError('SPLITS_OVERLAP', message, {
    fix: 'Measure on samples that are not learnt from, or give allowOverlap: true.',
  });
}

/** Bank rows by their hash; −1 for a hash that several have. */
function singleRows(bank: Features): Map<number, number> {
  const rows = new Map<number, number>();
  rowHashes(bank).forEach((hash, row) => {
    rows.set(hash, rows.has(hash) ? -1 : row);
  });
  return rows;
}

const hashed = 64; // columns of a row, spread over all

/** FNV-1a over the bits of some columns of each row. */
function rowHashes(data: Features): Int32Array {
  const { count, dim } = data;
  const words = wordsOf(data);
  const step = Math.max(1, Math.floor(dim / hashed));
  const hashes = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    let hash = 0x811c9dc5;
    for (let at = row * dim; at < (row + 1) * dim; at += step) {
      const mixed = Math.imul(hash ^ (words[at] ?? 0), 0x01000193);
      hash = mixed ^ (mixed >>> 15); // floats differ in their upper bits, which products alone would not bring down
    }
    hashes[row] = hash;
  }
  return hashes;
}

function wordsOf({ features }: Features): Int32Array {
  return new Int32Array(features.buffer, features.byteOffset, features.length);
}
