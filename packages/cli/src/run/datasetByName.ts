import { existsSync, statSync } from 'node:fs';
import { type Registry, UnlabelError } from '@unlabel/core';
import type { NamedPart } from '../config/configSchema';

/**
 * The dataset that a word on the command line means: a folder of images, `fashion-mnist-60k`, or a registered name.
 * @throws UnlabelError `UNKNOWN_NAME`, `DATASET_NOT_FOUND` for something that looks like a path
 */
export function datasetByName(registry: Registry, word: string): NamedPart {
  if (existsSync(word) && statSync(word).isDirectory()) return { name: 'image-folder', root: word };
  if (word === 'fashion-mnist-60k') return { name: 'fashion-mnist', split: 'train' };
  if (/[/\\]|^\./.test(word)) {
    throw new UnlabelError('DATASET_NOT_FOUND', `There is no folder ${word}.`, { fix: 'Check the path.' });
  }
  registry.find('dataset', word);
  return word;
}
