import { type Dataset, type Labels, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { type ImageOptions, imageDecoder } from './decodeImage';
import { sizeOfFile } from './fileSlices';
import { identify, labelsByName } from './listFiles';
import { type Parts, readParts, type SampleOf } from './parts';
import { cellOf, requireColumn, type TableRow, tableRows } from './tableRows';

/** Which columns of a manifest hold what. */
export interface ManifestOptions<P extends Parts = Parts> extends ImageOptions {
  /** The images, image–text pairs, or the texts (default `'image'`). */ readonly parts?: P;
  /** Column of the image's path (default: the first of `path`, `file_name`, `image`, `file` that is there). */ readonly image?: string;
  /** Column of the text (default: the first of `text`, `caption` that is there). */ readonly text?: string;
  /** Column of the label, for evaluation only (default `label`, if every row has one). */ readonly label?: string;
}

interface ManifestRows {
  readonly images: readonly (string | undefined)[];
  readonly texts: readonly (string | undefined)[];
  readonly labels?: Labels;
}

const imageColumns = ['path', 'file_name', 'image', 'file'];
const textColumns = ['text', 'caption'];

/**
 * What a CSV, TSV or JSON Lines file lists: a row has the path of an image, a text, or both, and possibly a label. Paths
 * are relative to the manifest's folder. A manifest is its user's own: absolute paths and such with `..` are followed.
 * The rows are held in memory, the images are not.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_CORRUPT`, `DATASET_EMPTY`, `INVALID_OPTION` for a column that is
 * not there, `LABELS_MISMATCH`; from `read()` `SAMPLE_UNREADABLE`, also for a row without the path or text
 */
export async function manifest<P extends Parts = 'image'>(
  file: string,
  options: ManifestOptions<P> = {},
): Promise<Dataset<SampleOf<P>>> {
  const parts = options.parts ?? ('image' as P); // the default of the type parameter, too
  const decoder = imageDecoder(options);
  await sizeOfFile(file);
  const { images, texts, labels } = await readRows(file, { ...options, parts });
  const { dirname, resolve } = await import('node:path');
  const folder = dirname(file);
  const length = Math.max(images.length, texts.length);
  const rowName = (index: number) => `row ${index + 1} of ${file}`;
  const present = (value: string | undefined, index: number, what: string) => {
    if (value !== undefined) return value;
    throw new UnlabelError('SAMPLE_UNREADABLE', `${rowName(index)} has no ${what}.`);
  };
  return {
    name: file,
    modality: parts,
    length,
    read: async (index) => {
      requireSampleIndex(index, { name: file, length });
      return readParts(parts, index, {
        image: async () => {
          const path = present(images[index], index, 'path');
          if (/^[a-z]{2,}:\/\//i.test(path)) {
            throw new UnlabelError('SAMPLE_UNREADABLE', `${path} is an address, not the path of a file.`);
          }
          return decoder.decode(resolve(folder, path), path);
        },
        text: () => present(texts[index], index, 'text'),
      });
    },
    sampleName: (index) => images[index] ?? rowName(index),
    fingerprint: `manifest:${length}:${await identify(describe({ images, texts }))}:${parts}:${decoder.identity}`,
    ...(labels && { labels }),
  };
}

async function readRows(file: string, options: ManifestOptions & { readonly parts: Parts }): Promise<ManifestRows> {
  const { parts } = options;
  const [images, texts, labels]: [(string | undefined)[], (string | undefined)[], (string | undefined)[]] = [
    [],
    [],
    [],
  ];
  let columns: ReturnType<typeof columnsOf> | undefined;
  for await (const row of tableRows(file)) {
    columns ??= columnsOf(file, row, options);
    if (parts !== 'text') images.push(cellOf(row, columns.image));
    if (parts !== 'image') texts.push(cellOf(row, columns.text));
    labels.push(cellOf(row, columns.label));
  }
  if (!columns) throw new UnlabelError('DATASET_EMPTY', `${file} has no rows.`);
  const named = labels.filter((label) => label !== undefined);
  if (named.length === labels.length) return { images, texts, labels: labelsByName(named) };
  if (options.label === undefined) return { images, texts };
  throw new UnlabelError(
    'LABELS_MISMATCH',
    `Row ${labels.indexOf(undefined) + 1} of ${file} has no ${options.label}.`,
    {
      fix: 'Label every row, or leave `label` out.',
    },
  );
}

function columnsOf(file: string, first: TableRow, options: ManifestOptions & { readonly parts: Parts }) {
  const { parts, label } = options;
  const columns = Object.keys(first);
  const choose = (given: string | undefined, usual: readonly string[], what: string, needed: boolean): string => {
    if (given !== undefined) return requireColumn(file, columns, given);
    const found = usual.find((column) => columns.includes(column));
    if (found !== undefined || !needed) return found ?? '';
    throw new UnlabelError(
      'INVALID_OPTION',
      `${file} has no column ${usual.join(', ')}; it has ${columns.join(', ')}.`,
      {
        fix: `Name the column of the ${what} as \`${what}\`; tables of numbers are data sets of kind 'table'.`,
      },
    );
  };
  return {
    image: choose(options.image, imageColumns, 'image', parts !== 'text'),
    text: choose(options.text, textColumns, 'text', parts !== 'image'),
    label: label === undefined ? 'label' : requireColumn(file, columns, label),
  };
}

function* describe({ images, texts }: ManifestRows) {
  for (const path of images) yield path ?? '';
  for (const text of texts) yield text ?? '';
}
