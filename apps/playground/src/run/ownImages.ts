import { type Dataset, type RunStore, UnlabelError } from '@unlabel/core';
import type { OwnImages } from './protocol';

/** Images that a person dropped, decoded and kept. */
export interface OwnImageStore {
  take(files: readonly File[]): Promise<OwnImages>;
  found(): Promise<OwnImages | undefined>;
  dataset(): Promise<Dataset>;
}

export function openImages(_store: RunStore, _onProgress: (done: number, of: number) => void): OwnImageStore {
  const none = () =>
    Promise.reject(new UnlabelError('DATASET_EMPTY', 'No images were dropped yet.', { fix: 'Drop a folder of images.' }));
  return { take: none, found: async () => undefined, dataset: none };
}
