import { type Dataset, type RowSample, randomStream, UnlabelError } from '@unlabel/core';
import { requireCount } from '../requireCount';

/** Rows to take values from: the marginals of each feature. */
export interface RowTable {
  /** `[rows, features]`, row-major. */ readonly data: Float32Array;
  /** Numbers in a row. */ readonly features: number;
}

/**
 * Reads rows of a data set, all or a random choice of `most`, for {@link scarfCorruption} and {@link vimeCorruption}.
 * @throws UnlabelError `DATASET_EMPTY`, `SHAPE_MISMATCH`, `INVALID_OPTION`; what reading a sample throws
 */
export async function readRowTable(
  dataset: Pick<Dataset<RowSample>, 'name' | 'length' | 'read'>,
  options: {
    /** How many rows at most (default 10000). */ readonly most?: number;
    /** Fixes the choice (default 0). */ readonly seed?: number;
  } = {},
): Promise<RowTable> {
  const { most = 10_000, seed = 0 } = options;
  requireCount({ most });
  const chosen = randomStream([seed, 'rowTable']).permutation(dataset.length).subarray(0, most).sort();
  const rows: Float32Array[] = [];
  for (const index of chosen) rows.push((await dataset.read(index)).data);
  const features = rows[0]?.length ?? 0;
  if (features === 0) throw new UnlabelError('DATASET_EMPTY', `${dataset.name} holds no rows.`);
  const data = new Float32Array(rows.length * features);
  for (const [row, values] of rows.entries()) {
    if (values.length !== features) {
      throw new UnlabelError(
        'SHAPE_MISMATCH',
        `${dataset.name} has rows of ${features} and of ${values.length} numbers.`,
        {
          fix: 'Give rows of one length.',
        },
      );
    }
    data.set(values, row * features);
  }
  return { data, features };
}

/** How many rows a table has. @throws UnlabelError `INVALID_OPTION` unless it has one or more, all whole and finite */
export function requireTable({ data, features }: RowTable): number {
  requireCount({ features });
  const rows = data.length / features;
  if (Number.isInteger(rows) && rows > 0 && data.every((value) => Number.isFinite(value))) return rows;
  throw new UnlabelError('INVALID_OPTION', `The reference has ${data.length} numbers for ${features} features.`, {
    fix: 'Give rows × features finite numbers, such as those of readRowTable(dataset).',
  });
}
