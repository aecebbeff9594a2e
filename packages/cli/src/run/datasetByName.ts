import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { type Registry, UnlabelError } from '@unlabel/core';
import type { NamedPart } from '../config/configSchema';

/** What files are, by the end of their names. */
const readers: Readonly<Record<string, (path: string) => NamedPart>> = {
  '.parquet': (source) => ({ name: 'parquet', source }),
  '.tar': (source) => ({ name: 'webdataset', source }),
  '.csv': (file) => ({ name: 'manifest', file }),
  '.tsv': (file) => ({ name: 'manifest', file }),
  '.jsonl': (file) => ({ name: 'manifest', file }),
  '.ndjson': (file) => ({ name: 'manifest', file }),
  '.txt': (file) => ({ name: 'text-lines', file }),
};

/** Files that come as shards, in a folder of their own. */
const shards = ['.parquet', '.tar'];

/**
 * The dataset that a word on the command line means: a folder of images or of shards, a file by its ending (`.parquet`,
 * `.tar`, `.csv`, `.tsv`, `.jsonl`, `.txt`), `fashion-mnist-60k`, or a registered name.
 * @throws UnlabelError `UNKNOWN_NAME`, `DATASET_NOT_FOUND` for something that looks like a path, `INVALID_OPTION` for a
 * file of another kind
 */
export function datasetByName(registry: Registry, word: string): NamedPart {
  if (existsSync(word)) return datasetAt(word);
  if (word === 'fashion-mnist-60k') return { name: 'fashion-mnist', split: 'train' };
  if (/[/\\]|^\./.test(word) || extname(word).toLowerCase() in readers) {
    throw new UnlabelError('DATASET_NOT_FOUND', `There is no file or folder ${word}.`, { fix: 'Check the path.' });
  }
  registry.find('dataset', word);
  return word;
}

function datasetAt(path: string): NamedPart {
  if (statSync(path).isDirectory()) {
    const endings = new Set(readdirSync(path).map((name) => extname(name).toLowerCase()));
    const ending = shards.find((shard) => endings.has(shard));
    return (ending && readers[ending]?.(path)) ?? { name: 'image-folder', root: path };
  }
  const reader = readers[extname(path).toLowerCase()];
  if (reader) return reader(path);
  throw new UnlabelError('INVALID_OPTION', `${path} is a file of no kind that is known by its name.`, {
    fix: `Give a folder of images, or a file that ends in ${Object.keys(readers).join(', ')}; others are opened by a config.`,
  });
}
