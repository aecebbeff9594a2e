import { type LabelledFeatures, UnlabelError } from '@unlabel/core';

/** Features without labels: row-major `[count, dim]`. */
export type Features = Pick<LabelledFeatures, 'features' | 'count' | 'dim'>;

/**
 * Checks that features have the size they claim and hold ordinary numbers. Pass them by shorthand, `{ bank }`, so that
 * the message names them.
 * @throws UnlabelError `DATASET_EMPTY`, `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 */
export function requireFeatures(named: Readonly<Record<string, Features>>): void {
  for (const [name, { features, count, dim }] of Object.entries(named)) {
    if (!(count > 0 && dim > 0)) {
      throw new UnlabelError('DATASET_EMPTY', `${name} is [${count}, ${dim}].`, { fix: 'Embed some samples first.' });
    }
    if (features.length !== count * dim) {
      throw new UnlabelError(
        'SHAPE_MISMATCH',
        `${name} holds ${features.length} values, but [${count}, ${dim}] needs ${count * dim}.`,
        { fix: 'Pass one row of dim values per sample.' },
      );
    }
    if (!allFinite(features)) {
      const bad = features.findIndex((value) => !Number.isFinite(value));
      const where = `row ${Math.floor(bad / dim)}, column ${bad % dim}`;
      throw new UnlabelError('FEATURES_NOT_FINITE', `${name} holds ${features[bad]} at ${where}.`, {
        fix: 'The encoder has diverged or was fed such values: load an earlier checkpoint or check the inputs.',
      });
    }
  }
}

/**
 * Checks what a measure learns from against what it is measured on.
 * @throws UnlabelError as {@link requireFeatures}, and `SHAPE_MISMATCH`, `LABELS_MISSING`, `LABELS_MISMATCH`
 */
export function requireBankAndTest(bank: LabelledFeatures, test: LabelledFeatures): void {
  requireFeatures({ bank, test });
  requireSameDim(bank, test, 'test');
  requireLabels('bank', bank);
  requireLabels('test', test);
  if (bank.classes !== test.classes) {
    throw new UnlabelError('LABELS_MISMATCH', `bank has ${bank.classes} classes but test has ${test.classes}.`, {
      fix: 'Index the labels of both by one list of class names.',
    });
  }
}

/** @param name of what is asked about the bank @throws UnlabelError `SHAPE_MISMATCH` */
export function requireSameDim(bank: Features, asked: Features, name: string): void {
  if (bank.dim === asked.dim) return;
  throw new UnlabelError('SHAPE_MISMATCH', `bank has ${bank.dim} dimensions but ${name} has ${asked.dim}.`, {
    fix: 'Embed both with the same encoder.',
  });
}

/** The rows of `data` at `rows`, copied in that order. */
export function takeRows(data: LabelledFeatures, rows: Int32Array): LabelledFeatures {
  const { dim, classes } = data;
  const features = new Float32Array(rows.length * dim);
  rows.forEach((row, position) => {
    features.set(data.features.subarray(row * dim, (row + 1) * dim), position * dim);
  });
  return { features, count: rows.length, dim, labels: rows.map((row) => data.labels[row] ?? 0), classes };
}

/** Rows divided by their Euclidean norms; an all-zero row stays so. */
export function unitRows({ features, count, dim }: Features): Float32Array {
  const unit = new Float32Array(features.length);
  for (let row = 0; row < count; row++) {
    let squares = 0;
    for (let at = row * dim; at < (row + 1) * dim; at++) squares += (features[at] ?? 0) ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let at = row * dim; at < (row + 1) * dim; at++) unit[at] = (features[at] ?? 0) * scale;
  }
  return unit;
}

/** In one sum: v − v is 0, or NaN where v is no ordinary number. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] ?? 0) - (values[at] ?? 0);
  return sum === 0;
}

function requireLabels(name: string, { labels, count, classes }: LabelledFeatures): void {
  if (labels.length === 0) {
    throw new UnlabelError('LABELS_MISSING', `${name} has no labels.`, {
      fix: 'This measure needs labelled samples; RankMe and the feature standard deviation do without.',
    });
  }
  if (labels.length !== count) {
    throw new UnlabelError('LABELS_MISMATCH', `${name} has ${count} rows but ${labels.length} labels.`, {
      fix: 'Give one class index per row.',
    });
  }
  if (labels.every((label) => label === -1)) {
    throw new UnlabelError('LABELS_MISSING', `${name} has no label that is known: all are −1.`, {
      fix: 'This measure needs labelled samples.',
    });
  }
  const outside = labels.findIndex((label) => label < -1 || label >= classes);
  if (outside >= 0) {
    throw new UnlabelError('LABELS_MISMATCH', `${name} has label ${labels[outside]} at row ${outside}.`, {
      fix: `With ${classes} classes, labels are 0 … ${classes - 1}, or −1 where they are not known.`,
    });
  }
}
