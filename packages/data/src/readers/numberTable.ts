import { type Dataset, type RowSample, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { sharedMemory } from '../sharedMemory';
import { sizeOfFile } from './fileSlices';
import { type GrowingNumbers, growingNumbers } from './growingNumbers';
import { identify, labelsByName } from './listFiles';
import { cellOf, requireColumn, type TableFormat, type TableRow, tableRows } from './tableRows';

/** Which columns of a table are features. */
export interface NumberTableOptions extends TableFormat {
  /** The columns, in the order of the features (default: all but the label). */ readonly columns?: readonly string[];
  /** Column of the label, for evaluation only. */ readonly label?: string;
  /** Most bytes of numbers, four for each, to hold in memory (default 2 GiB). */ readonly maxBytes?: number;
}

interface NumberRows {
  readonly columns: readonly string[];
  readonly numbers: GrowingNumbers;
  readonly labels: readonly string[];
  /** Rows with a cell that is no number: what is wrong with it. */ readonly faults: ReadonlyMap<number, string>;
}

/**
 * The rows of a CSV, TSV or JSON Lines file of numbers, held in shared memory as float32.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_CORRUPT`, `DATASET_EMPTY`, `DATASET_TOO_LARGE`, `INVALID_OPTION` for
 * columns that are not there or hold no number in the first row, `LABELS_MISMATCH`; from `read()` `SAMPLE_UNREADABLE` for
 * a row with an empty cell or one that is no finite number
 */
export async function numberTable(file: string, options: NumberTableOptions = {}): Promise<Dataset<RowSample>> {
  await sizeOfFile(file);
  const { columns, numbers, labels: names, faults } = await readNumbers(file, options);
  const width = columns.length;
  const length = numbers.length / width;
  const values = new Float32Array(sharedMemory(4 * numbers.length));
  values.set(numbers.all());
  const nameOf = (index: number) => `row ${index + 1} of ${file}`;
  return {
    name: file,
    modality: 'rows',
    length,
    read: (index) => {
      requireSampleIndex(index, { name: file, length });
      const fault = faults.get(index);
      if (fault) throw new UnlabelError('SAMPLE_UNREADABLE', `${nameOf(index)}: ${fault}.`);
      return { data: values.subarray(index * width, (index + 1) * width) };
    },
    sampleName: nameOf,
    fingerprint: `table:${length}:${await identify([columns.join('\0'), new Uint8Array(values.buffer)])}`,
    ...(options.label !== undefined && { labels: labelsByName(names) }),
  };
}

async function readNumbers(file: string, options: NumberTableOptions): Promise<NumberRows> {
  const { label, maxBytes = 2 ** 31 } = options;
  const numbers = growingNumbers();
  const labels: string[] = [];
  const faults = new Map<number, string>();
  let columns: readonly string[] | undefined;
  let row = 0;
  for await (const cells of tableRows(file, options)) {
    columns ??= columnsOf(file, cells, options);
    for (const column of columns) {
      const number = numberIn(cells, column);
      numbers.push(number);
      if (!Number.isFinite(number)) faults.set(row, `'${column}' holds ${cellOf(cells, column) ?? 'nothing'}`);
    }
    if (label !== undefined) labels.push(labelIn(cells, label, `Row ${row + 1} of ${file}`));
    if (4 * numbers.length > maxBytes) {
      throw new UnlabelError('DATASET_TOO_LARGE', `${file} has more than ${maxBytes} bytes of numbers.`, {
        fix: 'Raise `maxBytes`, or choose fewer `columns`.',
      });
    }
    row++;
  }
  if (!columns) throw new UnlabelError('DATASET_EMPTY', `${file} has no rows.`);
  return { columns, numbers, labels, faults };
}

function columnsOf(file: string, first: TableRow, { columns, label }: NumberTableOptions): readonly string[] {
  const found = Object.keys(first);
  if (label !== undefined) requireColumn(file, found, label);
  const chosen = columns?.map((column) => requireColumn(file, found, column)) ?? found.filter((name) => name !== label);
  const numeric = chosen.filter((column) => Number.isFinite(numberIn(first, column)));
  const [other] = chosen.filter((column) => cellOf(first, column) !== undefined && !numeric.includes(column));
  if (other === undefined && chosen.length > 0) return chosen;
  const wrong = other === undefined ? 'leaves no columns' : `holds '${cellOf(first, other)}' in '${other}'`;
  throw new UnlabelError('INVALID_OPTION', `${file} ${wrong}, and features are numbers.`, {
    fix: `Choose \`columns\`, such as [${numeric.join(', ')}], or name the label as \`label\`.`,
  });
}

function numberIn(row: TableRow, column: string): number {
  const cell = cellOf(row, column)?.trim();
  return cell ? Number(cell) : Number.NaN;
}

function labelIn(row: TableRow, label: string, name: string): string {
  const cell = cellOf(row, label);
  if (cell !== undefined) return cell;
  throw new UnlabelError('LABELS_MISMATCH', `${name} has no ${label}.`, {
    fix: 'Label every row, or leave `label` out.',
  });
}
