import { type Dataset, type Labels, UnlabelError } from '@unlabel/core';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { requireSampleIndex } from '../sampleIndex';
import { type ImageOptions, imageDecoder } from './decodeImage';
import { type FileSlices, fileOrFolder, fileSlices } from './fileSlices';
import { identify } from './listFiles';
import { type ParquetColumns, parquetColumns, parquetLabels } from './parquetColumns';
import { type Parts, readParts, type SampleOf } from './parts';
import { rowGroupCache } from './rowGroupCache';

/** Which columns of Parquet files hold what, and how much is held in memory. */
export interface ParquetOptions<P extends Parts = Parts> extends ImageOptions {
  /** The images, image–text pairs, or the texts (default `'image'`). */ readonly parts?: P;
  /** Column of the image, `{ bytes, path }` or bytes (default: that which the Hugging Face metadata calls an image, or `image`). */ readonly image?: string;
  /** Column of the text (default: the first of `text`, `caption` that is there). */ readonly text?: string;
  /** Column of the label, for evaluation only (default: that which the metadata calls a class label). */ readonly label?: string;
  /** Bytes of row groups, unpacked, but not decoded, to hold in memory; one is held in any case (default 256 MiB). */ readonly cacheBytes?: number;
}

/** One shard, open. */
export interface ParquetShard {
  readonly path: string;
  readonly name: string;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
}

/** Rows that are read together. */
interface RowGroupPlace {
  readonly shard: ParquetShard;
  /** Row of the shard with which it begins. */ readonly rowStart: number;
  /** Sample of the data set with which it begins. */ readonly start: number;
  readonly rows: number;
  /** Of the columns that are read, unpacked. */ readonly bytes: number;
}

/**
 * Parquet files in the layout of the Hugging Face Hub: a column of encoded images, of texts, or both. Row groups are read
 * when one of their samples is asked for, and the last ones kept; loaders shuffle so that those near each other in an
 * epoch share them. Images come from the bytes in the file: a `path` beside them is a name and is never opened.
 * @param source a `.parquet` file, or a folder of them, its shards
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY`, `DATASET_CORRUPT`, `INVALID_OPTION` where there is no such
 * column; from `read()` `SAMPLE_UNREADABLE`
 */
export async function parquet<P extends Parts = 'image'>(
  source: string,
  options: ParquetOptions<P> = {},
): Promise<Dataset<SampleOf<P>>> {
  const { cacheBytes = 2 ** 28 } = options;
  const parts = options.parts ?? ('image' as P); // the default of the type parameter, too
  const decoder = imageDecoder(options);
  const slices = fileSlices();
  const shards: ParquetShard[] = [];
  for (const file of await fileOrFolder(source, '.parquet')) shards.push(await openShard(file, slices));
  const [first] = shards;
  if (!first) throw new UnlabelError('DATASET_EMPTY', `${source} has no shards.`);
  const columns = parquetColumns(first, { ...options, parts });
  for (const shard of shards.slice(1)) parquetColumns(shard, { ...options, parts });
  const groups = placesOf(shards, columns);
  const length = groups.reduce((sum, { rows }) => sum + rows, 0);
  if (length === 0) throw new UnlabelError('DATASET_EMPTY', `${source} has no rows.`);
  const labels: Labels | undefined = await parquetLabels(shards, columns);
  const cache = rowGroupCache<RowGroupPlace, readonly ParquetRow[]>(cacheBytes, (group) => readGroup(group, columns));
  const starts = Int32Array.from(groups, ({ start }) => start);
  const nameOf = (index: number) => {
    const { shard, start, rowStart } = groupAt(groups, index);
    return `${shard.name}:${rowStart + index - start}`;
  };
  const rowAt = async (index: number): Promise<ParquetRow> => {
    const group = groupAt(groups, index);
    return (await cache.get(group))[index - group.start] ?? {};
  };
  return {
    name: source,
    modality: parts,
    length,
    read: async (index) => {
      requireSampleIndex(index, { name: source, length });
      return readParts(parts, index, {
        image: async () => decoder.decode(imageBytes(await rowAt(index), nameOf(index)), nameOf(index)),
        text: async () => textIn(await rowAt(index), nameOf(index)),
      });
    },
    sampleName: (index) => (index >= 0 && index < length ? nameOf(index) : String(index)),
    fingerprint: `parquet:${length}:${await identify(describe(shards, columns))}:${parts}:${decoder.identity}`,
    stretches: { starts, together: together(groups, cacheBytes) },
    ...(labels && { labels }),
  };
}

interface ParquetRow {
  readonly image?: unknown;
  readonly text?: unknown;
}

async function openShard(
  file: { readonly path: string; readonly name: string; readonly bytes: number },
  slices: FileSlices,
) {
  const { path, name, bytes: byteLength } = file;
  const buffer: AsyncBuffer = {
    byteLength,
    slice: async (start, end = byteLength) => (await slices.read(path, start, end - start)).buffer,
  };
  const { parquetMetadataAsync } = await import('hyparquet');
  try {
    return { path, name, file: buffer, metadata: await parquetMetadataAsync(buffer) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnlabelError('DATASET_CORRUPT', `${path} is not a whole Parquet file: ${reason}.`, {
      fix: 'Fetch the file again.',
      cause,
    });
  }
}

function placesOf(shards: readonly ParquetShard[], { image, text }: ParquetColumns): readonly RowGroupPlace[] {
  let start = 0;
  return shards.flatMap((shard) => {
    let rowStart = 0;
    return shard.metadata.row_groups.flatMap((group) => {
      const rows = Number(group.num_rows);
      const read = group.columns.flatMap(({ meta_data: about }) => {
        const [column] = about?.path_in_schema ?? [];
        return about && (column === image || column === text) ? [Number(about.total_uncompressed_size)] : [];
      });
      const place = { shard, rowStart, start, rows, bytes: read.reduce((sum, bytes) => sum + bytes, 0) };
      [start, rowStart] = [start + rows, rowStart + rows];
      return rows > 0 ? [place] : [];
    });
  });
}

/** The row group that a sample lies in: the last one that begins at it or before. */
function groupAt(groups: readonly RowGroupPlace[], index: number): RowGroupPlace {
  let [low, high] = [0, groups.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((groups[middle]?.start ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const group = groups[low];
  if (!group) throw new UnlabelError('INVALID_OPTION', `There is no sample ${index}.`);
  return group;
}

async function readGroup({ shard, rowStart, rows }: RowGroupPlace, { image, text }: ParquetColumns) {
  const [{ parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const { path, file, metadata } = shard;
  const columns = [image, text].filter((column) => column !== undefined);
  try {
    const range = { rowStart, rowEnd: rowStart + rows };
    const read = await parquetReadObjects({ file, metadata, columns, ...range, compressors, utf8: false });
    return read.map((row): ParquetRow => ({ image: image && row[image], text: text && row[text] }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnlabelError('SAMPLE_UNREADABLE', `${path}, rows from ${rowStart} on: ${reason}.`, { cause });
  }
}

/** Half of the cache, since a loader reads ahead into the next stretches while it uses the last ones. */
function together(groups: readonly RowGroupPlace[], cacheBytes: number): number {
  const largest = groups.reduce((most, { bytes }) => Math.max(most, bytes), 1);
  return Math.max(1, Math.floor(cacheBytes / 2 / largest));
}

function imageBytes({ image }: ParquetRow, name: string): Uint8Array {
  const bytes = typeof image === 'object' && image !== null && 'bytes' in image ? image.bytes : image;
  if (bytes instanceof Uint8Array) return bytes;
  const only = typeof image === 'object' && image !== null && 'path' in image ? ' a path, but' : '';
  throw new UnlabelError('SAMPLE_UNREADABLE', `${name} holds${only} no bytes of an image.`);
}

function textIn({ text }: ParquetRow, name: string): string {
  if (typeof text === 'string') return text;
  if (text instanceof Uint8Array) return new TextDecoder().decode(text);
  throw new UnlabelError('SAMPLE_UNREADABLE', `${name} has no text.`);
}

function* describe(shards: readonly ParquetShard[], { image, text }: ParquetColumns) {
  yield `${image}\0${text}`;
  for (const { name, file, metadata } of shards) {
    yield `${name}\0${file.byteLength}\0${metadata.num_rows}`;
    for (const { columns, num_rows: rows } of metadata.row_groups) {
      const sizes = columns.map(({ meta_data: about }) => `${about?.total_compressed_size}:${about?.data_page_offset}`);
      yield `${rows}\0${sizes.join(' ')}`;
    }
  }
}
