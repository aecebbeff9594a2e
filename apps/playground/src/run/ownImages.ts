import { type Dataset, type ImageSample, type Labels, type RunStore, randomStream, UnlabelError } from '@unlabel/core';
import { type ImageFile, imageFiles, inMemory } from '@unlabel/data';
import { type ImagePack, readPack, writePack } from './imagePack';
import type { DroppedFile, DroppedFiles, OwnImages } from './protocol';

/** Images that a person dropped: decoded, made small, and kept in the browser's files. */
export interface OwnImageStore {
  /** @throws UnlabelError `DATASET_EMPTY` */ take(dropped: DroppedFiles): Promise<OwnImages>;
  /** Those of an earlier visit. @throws Error for some that cannot be read */ found(): Promise<OwnImages | undefined>;
  /** Has none. */ forget(): void;
  /** @throws UnlabelError `DATASET_EMPTY` before any were taken */ dataset(): Promise<Dataset>;
}

const shown = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;
const hidden = /(^|\/)(\.|__MACOSX\/)/; // what systems keep beside images, under their names
const mostImages = 10_000;
const maxSide = 64; // pixels; views are smaller
const atOnce = 4; // each up to 400 MB while it is decoded

/** @param onProgress is told how many of how many files have been read */
export function openImages(store: RunStore, onProgress: (done: number, of: number) => void): OwnImageStore {
  let pack: Promise<ImagePack | undefined> | undefined;
  let made: { readonly of: ImagePack; readonly dataset: Promise<Dataset> } | undefined;
  const present = () => {
    pack ??= readPack(store);
    return pack;
  };
  return {
    forget: () => {
      pack = Promise.resolve(undefined);
    },
    take: async (dropped) => {
      const taken = await decode(dropped, onProgress);
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
      if (made?.of !== kept) made = { of: kept, dataset: datasetOf(kept) };
      return made.dataset;
    },
  };
}

async function datasetOf({ images, names, labels }: ImagePack): Promise<Dataset> {
  const dataset = await inMemory(images, { name: 'your images', ...(labels && { labels }) });
  return { ...dataset, sampleName: (index) => names[index] ?? String(index) };
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
  { files, unopened }: DroppedFiles,
  onProgress: (done: number, of: number) => void,
): Promise<ImagePack> {
  const candidates = imagesAmong(files);
  const chosen = withinBound(withoutRoot(candidates));
  if (chosen.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `There is no image among ${files.length} files that were dropped.`, {
      fix: 'Drop a folder of JPEG, PNG, WebP, AVIF, GIF or BMP images; subfolders are searched, too.',
    });
  }
  const dataset = await imageFiles(chosen, { maxSide });
  const { images, kept, broken } = await readAll(dataset, onProgress);
  if (images.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `None of ${chosen.length} images can be read, such as ${broken[0]}`);
  }
  const notes = skipped({
    others: files.length - candidates.length,
    left: candidates.length - chosen.length,
    unopened,
    broken,
  });
  const labels = labelsOf(dataset, kept);
  const names = kept.map(dataset.sampleName);
  return { images: asGrey(images) ?? images, names, notes, ...(labels && { labels }) };
}

function imagesAmong(files: readonly DroppedFile[]): readonly ImageFile[] {
  return files
    .filter(({ path }) => shown.test(path) && !hidden.test(path))
    .map(({ path, file }) => ({ path, blob: file }));
}

/** What of that which was dropped is not among the images, and why. */
interface Skipped {
  /** Files that are no images. */ readonly others: number;
  /** Images beyond the most that are kept. */ readonly left: number;
  readonly unopened: readonly string[];
  readonly broken: readonly string[];
}

/** Says in sentences what is missing. */
function skipped({ others, left, unopened, broken }: Skipped): readonly string[] {
  const [is, was] = others === 1 ? ['is', 'was'] : ['are', 'were'];
  return [
    ...(others > 0 ? [`${count(others, 'file')} that ${is} no image ${was} passed over.`] : []),
    ...(left > 0
      ? [`${count(left, 'image')} beyond ${mostImages.toLocaleString('en')} were left out, by chance.`]
      : []),
    ...(unopened.length > 0 ? [`${count(unopened.length, 'file')} could not be opened: ${some(unopened)}.`] : []),
    ...(broken.length > 0 ? [`${count(broken.length, 'image')} could not be read: ${some(broken)}.`] : []),
  ];
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
  return { images: read.filter((image) => image !== undefined), kept, broken: broken.sort() };
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
