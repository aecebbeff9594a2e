import { UnlabelError } from '@unlabel/core';
import { linesOf, objectOf, textOfLine } from './jsonLines';

/** A row's values by column. */
export type TableRow = Readonly<Record<string, unknown>>;

/** How a table is written. */
export interface TableFormat {
  /** Whether the first row of a CSV file names the columns; otherwise they are called `0`, `1`, … (default true). */ readonly header?: boolean;
}

const longestRow = 2 ** 24; // characters

/**
 * The rows of a table, streamed: `.csv` and `.tsv`, with quotes as in RFC 4180, or `.jsonl` and `.ndjson`, one object a
 * line. Blank lines are no rows.
 * @throws UnlabelError `INVALID_OPTION` for another ending, `DATASET_NOT_FOUND`, `DATASET_CORRUPT` with the line
 */
export async function* tableRows(file: string, { header = true }: TableFormat = {}): AsyncGenerator<TableRow> {
  if (/\.(jsonl|ndjson)$/i.test(file)) yield* jsonRows(file);
  else if (/\.[ct]sv$/i.test(file)) yield* csvRows(file, header);
  else {
    throw new UnlabelError('INVALID_OPTION', `${file} ends in none of .csv, .tsv, .jsonl and .ndjson.`, {
      fix: 'Rename it after its format.',
    });
  }
}

async function* jsonRows(file: string): AsyncGenerator<TableRow> {
  for await (const { number, bytes } of linesOf(file)) {
    const name = `${file}:${number}`;
    try {
      yield objectOf(textOfLine(bytes, name), name);
    } catch (cause) {
      if (!UnlabelError.is(cause, 'SAMPLE_UNREADABLE')) throw cause;
      throw new UnlabelError('DATASET_CORRUPT', cause.message, { fix: 'Mend or remove that line.', cause });
    }
  }
}

async function* csvRows(file: string, header: boolean): AsyncGenerator<TableRow> {
  const { createReadStream } = await import('node:fs');
  const { parse } = await import('csv-parse');
  const parser = parse({
    bom: true,
    columns: header,
    delimiter: /\.tsv$/i.test(file) ? '\t' : ',',
    skip_empty_lines: true,
    max_record_size: longestRow,
  });
  const source = createReadStream(file);
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of source.pipe(parser)) yield Array.isArray(row) ? Object.fromEntries(row.entries()) : row;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof Error && 'syscall' in cause) {
      throw new UnlabelError('DATASET_NOT_FOUND', `${file} cannot be read.`, { fix: 'Check the path.', cause });
    }
    throw new UnlabelError('DATASET_CORRUPT', `${file}: ${reason}.`, { fix: 'Mend or remove that line.', cause });
  } finally {
    source.destroy();
  }
}

/**
 * What a row holds in a column, as text; `undefined` where there is nothing.
 */
export function cellOf(row: TableRow, column: string): string | undefined {
  const value = Object.hasOwn(row, column) ? row[column] : undefined;
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/**
 * Refuses a column that a table has not.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function requireColumn(file: string, columns: readonly string[], column: string): string {
  if (columns.includes(column)) return column;
  throw new UnlabelError('INVALID_OPTION', `${file} has no column '${column}'; it has ${columns.join(', ')}.`, {
    fix: 'Name one of these.',
  });
}
