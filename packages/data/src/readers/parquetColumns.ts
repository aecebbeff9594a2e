import { type Labels, UnlabelError } from '@unlabel/core';
import type { FileMetaData, SchemaTree } from 'hyparquet';
import { z } from 'zod';
import { labelsByName } from './listFiles';
import type { ParquetShard } from './parquet';
import type { Parts } from './parts';
import { requireColumn } from './tableRows';

/** The columns that are read. */
export interface ParquetColumns {
  readonly image: string | undefined;
  readonly text: string | undefined;
  readonly label: string | undefined;
  /** Names of the labels, where the metadata has them. */ readonly classes: readonly string[] | undefined;
}

/** What the Hub's library writes of the columns, among the metadata under `huggingface`. */
const huggingFace = z.object({
  info: z.object({
    features: z.record(
      z.string(),
      z.object({ _type: z.string().optional(), names: z.array(z.string()).optional() }).catch({}),
    ),
  }),
});

/**
 * Chooses the columns of a shard.
 * @throws UnlabelError `INVALID_OPTION` where one that is needed is missing
 */
export function parquetColumns(
  { path, metadata }: Pick<ParquetShard, 'path' | 'metadata'>,
  options: { readonly parts: Parts; readonly image?: string; readonly text?: string; readonly label?: string },
): ParquetColumns {
  const { parts, image, text, label } = options;
  const features = featuresOf(metadata);
  const typed = (type: string) => Object.keys(features).find((column) => features[column]?._type === type);
  const columns = topColumns(metadata);
  const choose = (
    what: 'image' | 'text',
    given: string | undefined,
    usual: readonly (string | undefined)[],
  ): string => {
    if (given !== undefined) return requireColumn(path, columns, given);
    const found = usual.find((column) => column !== undefined && columns.includes(column));
    if (found !== undefined) return found;
    throw new UnlabelError('INVALID_OPTION', `${path} has no ${what} column; its columns are ${columns.join(', ')}.`, {
      fix: `Name the column of the ${what} as \`${what}\`.`,
    });
  };
  const labelColumn = label === undefined ? typed('ClassLabel') : requireColumn(path, columns, label);
  return {
    image: parts === 'text' ? undefined : choose('image', image, [typed('Image'), 'image']),
    text: parts === 'image' ? undefined : choose('text', text, ['text', 'caption']),
    label: labelColumn !== undefined && columns.includes(labelColumn) ? labelColumn : undefined,
    classes: labelColumn === undefined ? undefined : features[labelColumn]?.names,
  };
}

/**
 * The labels of all shards. Class labels of −1 stand for none: then there are no labels at all.
 * @throws UnlabelError `LABELS_MISMATCH` where a label has no name
 */
export async function parquetLabels(
  shards: readonly ParquetShard[],
  { label, classes }: ParquetColumns,
): Promise<Labels | undefined> {
  if (label === undefined) return undefined;
  const values: string[] = [];
  for (const shard of shards) {
    for (const value of await readColumn(shard, label)) values.push(String(value));
  }
  if (values.includes('-1') || values.includes('null') || values.includes('undefined')) return undefined;
  if (!classes) return labelsByName(values);
  const unknown = values.find((value) => !(Number(value) < classes.length));
  if (unknown === undefined) return { values: Int32Array.from(values, Number), classes };
  throw new UnlabelError('LABELS_MISMATCH', `A label is ${unknown}, but '${label}' has ${classes.length} classes.`, {
    fix: 'Name another column as `label`.',
  });
}

async function readColumn({ path, file, metadata }: ParquetShard, column: string): Promise<readonly unknown[]> {
  const [{ parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  try {
    const rows = await parquetReadObjects({ file, metadata, columns: [column], compressors });
    return rows.map((row) => row[column]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnlabelError('DATASET_CORRUPT', `${path}, column '${column}': ${reason}.`, {
      fix: 'Fetch the file again.',
      cause,
    });
  }
}

function featuresOf({ key_value_metadata: metadata = [] }: FileMetaData) {
  const written = metadata.find(({ key }) => key === 'huggingface')?.value;
  try {
    return huggingFace.parse(JSON.parse(written ?? '')).info.features;
  } catch {
    return {}; // other tools write none, and it is only a hint
  }
}

function topColumns({ schema }: FileMetaData): readonly string[] {
  const names: string[] = [];
  for (let at = 1; at < schema.length; at = after(schema, at)) names.push(schema[at]?.name ?? '');
  return names;
}

/** The schema is a tree, written depth first: where the next sibling is. */
function after(schema: readonly SchemaTree['element'][], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0) && next < schema.length; child++)
    next = after(schema, next);
  return next;
}
