import type { ImageSample, Labels, RunStore } from '@unlabel/core';

/** Decoded images in one piece. */
export interface ImagePack {
  readonly images: readonly ImageSample[];
  readonly labels?: Labels;
  /** What was to be said when they were read. */ readonly notes: readonly string[];
}

/** What is written beside the pixels. */
interface PackIndex {
  readonly channels: 1 | 3;
  /** Height and width of each. */ readonly sizes: readonly (readonly [number, number])[];
  readonly classes: readonly string[] | undefined;
  readonly labels: readonly number[] | undefined;
  readonly notes: readonly string[];
}

const [pixelFile, indexFile] = ['images.bin', 'images.json'];

/** Keeps images in place of those before. The index goes first and comes last, so that it never tells of other pixels. */
export async function writePack(store: RunStore, { images, labels, notes }: ImagePack): Promise<undefined> {
  await store.remove(indexFile);
  await store.write(pixelFile, new Uint8Array(await new Blob(images.map(({ data }) => data.slice())).arrayBuffer()));
  const index: PackIndex = {
    channels: images[0]?.channels ?? 3,
    sizes: images.map(({ height, width }) => [height, width]),
    classes: labels?.classes,
    labels: labels && Array.from(labels.values),
    notes,
  };
  await store.write(indexFile, new TextEncoder().encode(JSON.stringify(index)));
  return undefined;
}

/** The images that were kept, if there are any. */
export async function readPack(store: RunStore): Promise<ImagePack | undefined> {
  const [index, pixels] = [await store.read(indexFile), await store.read(pixelFile)];
  if (!index || !pixels) return undefined;
  const { channels, sizes, classes, labels, notes }: PackIndex = JSON.parse(new TextDecoder().decode(index));
  let at = 0;
  const images = sizes.map(([height, width]) => {
    const data = pixels.subarray(at, at + height * width * channels);
    at += data.length;
    return { data, height, width, channels };
  });
  return { images, notes, ...(classes && labels && { labels: { classes, values: Int32Array.from(labels) } }) };
}
