import { type Dataset, UnlabelError } from '@unlabel/core';
import { requireSampleIndex } from '../sampleIndex';
import { type ImageOptions, imageDecoder } from './decodeImage';
import { identify, labelsByFolder, listFiles } from './listFiles';

const extensions = /\.(jpe?g|png|webp|avif|gif|tiff?)$/i;

/**
 * The image files under a folder, sorted by path. Links are followed, each folder once. Where all images lie in
 * subfolders, the topmost folder's name is the label.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY`, `INVALID_OPTION`; from `read()` `SAMPLE_UNREADABLE`, and
 * `INVALID_OPTION` outside the range
 */
export async function imageFolder(root: string, options: ImageOptions = {}): Promise<Dataset> {
  const decoder = imageDecoder(options);
  const files = await listFiles(root, extensions);
  if (files.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `There are no images in ${root}: no JPEG, PNG, WebP, AVIF, GIF or TIFF.`, {
      fix: 'Check the folder; subfolders are searched too.',
    });
  }
  const { join } = await import('node:path');
  const labels = labelsByFolder(files);
  const { length } = files;
  const identity = await identify(files.map(({ path, bytes }) => `${path}\0${bytes}\n`));
  return {
    name: root,
    length,
    read: async (index) => {
      requireSampleIndex(index, { name: root, length });
      const file = join(root, files[index]?.path ?? '');
      return decoder.decode(file, file);
    },
    sampleName: (index) => files[index]?.path ?? String(index),
    fingerprint: `folder:${length}:${identity}:${decoder.identity}`,
    ...(labels && { labels }),
  };
}
