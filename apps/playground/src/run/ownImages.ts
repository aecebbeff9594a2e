import { type Dataset, type ImageSample, type Labels, type RunStore, randomStream, UnlabelError } from '@unlabel/core';
import { type ImageFile, imageFiles, inMemory } from '@unlabel/data';
import { type ImagePack, readPack, writePack } from './imagePack';
import type { DroppedFile, OwnImages } from './protocol';

/** Images that a person dropped: decoded, made small, and kept in the browser's files. */
export interface OwnImageStore {
  /** @throws UnlabelError `DATASET_EMPTY` */ take(files: readonly DroppedFile[]): Promise<OwnImages>;
  /** Those of an earlier visit. */ found(): Promise<OwnImages | undefined>;
  /** @throws UnlabelError `DATASET_EMPTY` before any were taken */ dataset(): Promise<Dataset>;
}

const shown = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;
const mostImages = 10_000;
const maxSide = 64; // pixels; views are smaller
const atOnce = 8;

/** @param onProgress is told how many of how many files have been read */
export function openImages(store: RunStore, onProgress: (done: number, of: number) => void): OwnImageStore {
  let pack: Promise<ImagePack | undefined> | undefined;
  const present = () => {
    pack ??= readPack(store);
    return pack;
  };
  return {
    take: async (files) => {
      const taken = await decode(files, onProgress);
      pack = Promise.resolve(taken);
      const unsaved = await writePack(store, taken).catch(
        () => 'There was no room to keep them: after a reload, drop them again.',
      );
      return described(taken, unsaved);
    },
    found: async () => {
      const kept = await present();
      return kept && described(kept);
    },
    dataset: async () => {
      const kept = await present();
      if (!kept)
        throw new UnlabelError('DATASET_EMPTY', 'There are no images of yours yet.', {
          fix: 'Drop a folder of images.',
        });
      return inMemory(kept.images, { name: 'your images', ...(kept.labels && { labels: kept.labels }) });
    },
  };
}

function described({ images, labels, notes }: ImagePack, ...more: readonly (string | undefined)[]): OwnImages {
  const further = more.filter((note) => note !== undefined);
  return {
    count: images.length,
    channels: images[0]?.channels ?? 3,
    classes: labels?.classes ?? [],
    notes: [...notes, ...further],
  };
}

async function decode(
  files: readonly DroppedFile[],
  onProgress: (done: number, of: number) => void,
): Promise<ImagePack> {
  const candidates = files.filter(({ path }) => shown.test(path)).map(({ path, file }) => ({ path, blob: file }));
  const chosen = withinBound(withoutRoot(candidates));
  if (chosen.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `There is no image among ${files.length} files that were dropped.`, {
      fix: 'Drop a folder of JPEG, PNG, WebP, AVIF or GIF images; subfolders are searched, too.',
    });
  }
  const dataset = await imageFiles(chosen, { maxSide });
  const { images, kept, broken } = await readAll(dataset, onProgress);
  if (images.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `None of ${chosen.length} images can be read, such as ${broken[0]}`);
  }
  const [others, left] = [files.length - candidates.length, candidates.length - chosen.length];
  const notes = [
    ...(others > 0
      ? [
          `${count(others, 'file')} that ${others === 1 ? 'is' : 'are'} no image ${others === 1 ? 'was' : 'were'} passed over.`,
        ]
      : []),
    ...(left > 0
      ? [`${count(left, 'image')} beyond ${mostImages.toLocaleString('en')} were left out, by chance.`]
      : []),
    ...(broken.length > 0 ? [`${count(broken.length, 'image')} could not be read: ${some(broken)}.`] : []),
  ];
  const labels = labelsOf(dataset, kept);
  return { images: asGrey(images) ?? images, notes, ...(labels && { labels }) };
}

/** Reads a few at a time, and leaves out what cannot be read. */
async function readAll(dataset: Dataset, onProgress: (done: number, of: number) => void) {
  const read: (ImageSample | undefined)[] = [];
  const broken: string[] = [];
  for (let first = 0; first < dataset.length; first += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, dataset.length - first) }, (_, at) => first + at);
    const tried = indices.map(async (index) => {
      try {
        return await dataset.read(index);
      } catch (error) {
        if (!UnlabelError.is(error, 'SAMPLE_UNREADABLE')) throw error;
        broken.push(dataset.sampleName(index));
        return undefined;
      }
    });
    read.push(...(await Promise.all(tried)));
    onProgress(read.length, dataset.length);
  }
  const kept = read.flatMap((image, index) => (image ? [index] : []));
  return { images: read.filter((image) => image !== undefined), kept, broken };
}

function labelsOf({ labels }: Dataset, kept: readonly number[]): Labels | undefined {
  if (!labels || labels.classes.length < 2) return undefined;
  return { classes: labels.classes, values: Int32Array.from(kept, (index) => labels.values[index] ?? 0) };
}

/** The same with one channel, where none has a colour. */
function asGrey(images: readonly ImageSample[]): readonly ImageSample[] | undefined {
  const isGrey = ({ data }: ImageSample) => data.every((value, at) => value === data[at - (at % 3)]);
  if (!images.every(isGrey)) return undefined;
  return images.map(({ data, height, width }) => ({
    data: data.filter((_, at) => at % 3 === 0),
    height,
    width,
    channels: 1,
  }));
}

/** Paths from below the one folder that was dropped, so that its subfolders are the topmost. */
function withoutRoot(files: readonly ImageFile[]): readonly ImageFile[] {
  const root = files[0]?.path.split('/')[0] ?? '';
  if (!files.every(({ path }) => path.startsWith(`${root}/`))) return files;
  return files.map(({ path, blob }) => ({ path: path.slice(root.length + 1), blob }));
}

function withinBound(files: readonly ImageFile[]): readonly ImageFile[] {
  if (files.length <= mostImages) return files;
  const order = randomStream(['own images']).permutation(files.length).subarray(0, mostImages);
  return Array.from(order.toSorted(), (index) => files[index]).filter((file) => file !== undefined);
}

function some(names: readonly string[]): string {
  const first = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${first} and ${names.length - 3} more` : first;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
