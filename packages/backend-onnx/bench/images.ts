import { fileURLToPath } from 'node:url';
import type { Dataset } from '@unlabel/core';
import { idxImages } from '@unlabel/data';
import { recipe } from './recipe';

/** The 10,000 images of Fashion-MNIST in this repository, and their labels: gzipped IDX files. */
export const imageFiles = {
  images: fileURLToPath(new URL('../../../dataset-fashion-mnist/data/t10k-images-idx3-ubyte.gz', import.meta.url)),
  labels: fileURLToPath(new URL('../../../dataset-fashion-mnist/data/t10k-labels-idx1-ubyte.gz', import.meta.url)),
} as const;

/** How many of them are trained on without labels, and then known to the probe; it is tested on the others. */
export const [, bankCount] = recipe.data.range;

/** Opens them. */
export function openImages(): Promise<Dataset> {
  return idxImages({ ...imageFiles, name: 'fashion-mnist-10k' });
}
