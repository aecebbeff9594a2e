import { basename, dirname, extname } from 'node:path';
import { folderStore, UnlabelError } from '@unlabel/core';
import { encodeNpy } from './npy';

/** Feature vectors with the names of their samples. */
export interface NamedFeatures {
  /** Row-major `[count, dim]`. */ readonly features: Float32Array;
  readonly dim: number;
  /** One name a row. */ readonly names: readonly string[];
  /** One class name a row, where the data has labels. */ readonly labels?: readonly string[];
}

const encoders: Readonly<Record<string, (rows: NamedFeatures) => Promise<Uint8Array>>> = {
  '.npy': async ({ features, names, dim }) => encodeNpy(features, names.length, dim),
  '.jsonl': async (rows) => new TextEncoder().encode(jsonLines(rows)),
  '.parquet': encodeParquet,
};

/**
 * Writes features as .npy (the matrix alone), .jsonl or .parquet (name, label, features), all or nothing.
 * @throws UnlabelError `INVALID_OPTION` for another extension
 */
export async function writeFeatures(path: string, rows: NamedFeatures): Promise<void> {
  await folderStore(dirname(path)).write(basename(path), await featureEncoder(path)(rows));
}

/** The encoder for a file's extension, so that a wrong one is refused before anything is computed. */
export function featureEncoder(path: string): (rows: NamedFeatures) => Promise<Uint8Array> {
  const encode = encoders[extname(path)];
  if (encode) return encode;
  throw new UnlabelError('INVALID_OPTION', `Features cannot be written as '${basename(path)}'.`, {
    fix: `Choose one of the extensions ${Object.keys(encoders).join(', ')}.`,
  });
}

function jsonLines({ features, dim, names, labels }: NamedFeatures): string {
  const line = (name: string, row: number) =>
    JSON.stringify({
      name,
      ...(labels ? { label: labels[row] } : {}),
      features: Array.from(features.subarray(row * dim, (row + 1) * dim)),
    });
  return `${names.map(line).join('\n')}\n`;
}

async function encodeParquet({ features, dim, names, labels }: NamedFeatures): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const vectors = names.map((_, row) => Array.from(features.subarray(row * dim, (row + 1) * dim)));
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const;
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: labels ? 3 : 2 },
        { name: 'name', ...text },
        ...(labels ? [{ name: 'label', ...text }] : []),
        { name: 'features', converted_type: 'LIST', repetition_type: 'REQUIRED', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
      ],
      columnData: [
        { name: 'name', data: [...names] },
        ...(labels ? [{ name: 'label', data: [...labels] }] : []),
        { name: 'features', data: vectors },
      ],
    }),
  );
}
