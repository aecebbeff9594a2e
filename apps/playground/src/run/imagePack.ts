import type { ImageSample, Labels, RunStore } from '@unlabel/core';
import { z } from 'zod';

/** Decoded images in one piece. */
export interface ImagePack {
  readonly images: readonly ImageSample[];
  /** Where each lay in what was dropped. */ readonly names: readonly string[];
  readonly labels?: Labels;
  /** What was to be said when they were read. */ readonly notes: readonly string[];
}

const [pixelFile, indexFile] = ['images.bin', 'images.json'];
const version = 1; // raise it when what is written changes its meaning

/** What is written beside the pixels. */
const indexSchema = z.object({
  version: z.literal(version).default(version),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Height and width of each. */ sizes: z.array(z.tuple([z.int().positive(), z.int().positive()])).min(1),
  names: z.array(z.string()).optional(),
  classes: z.array(z.string()).optional(),
  labels: z.array(z.int().nonnegative()).optional(),
  notes: z.array(z.string()),
});
type PackIndex = z.input<typeof indexSchema>;

/** Keeps images in place of those before. The index goes first and comes last, so that it never tells of other pixels. */
export async function writePack(store: RunStore, { images, names, labels, notes }: ImagePack): Promise<undefined> {
  await store.remove(indexFile);
  await store.write(pixelFile, new Uint8Array(await new Blob(images.map(({ data }) => data.slice())).arrayBuffer()));
  const index: PackIndex = {
    version,
    channels: images[0]?.channels ?? 3,
    sizes: images.map(({ height, width }) => [height, width]),
    names: [...names],
    classes: labels && [...labels.classes],
    labels: labels && Array.from(labels.values),
    notes: [...notes],
  };
  await store.write(indexFile, new TextEncoder().encode(JSON.stringify(index)));
  return undefined;
}

/** The images that were kept, if there are any. @throws Error for some that cannot be read */
export async function readPack(store: RunStore): Promise<ImagePack | undefined> {
  const [index, pixels] = [await store.read(indexFile), await store.read(pixelFile)];
  if (!index || !pixels) return undefined;
  const { channels, sizes, names, classes, labels, notes } = indexSchema.parse(
    JSON.parse(new TextDecoder().decode(index)),
  );
  const expected = sizes.reduce((sum, [height, width]) => sum + height * width * channels, 0);
  const count = sizes.length;
  if (pixels.length !== expected || (labels ?? sizes).length !== count || (names ?? sizes).length !== count) {
    throw new Error('The index does not fit the pixels.');
  }
  let at = 0;
  const images = sizes.map(([height, width]) => {
    const data = pixels.subarray(at, at + height * width * channels);
    at += data.length;
    return { data, height, width, channels };
  });
  return {
    images,
    notes,
    names: names ?? sizes.map((_, index) => String(index)),
    ...(classes && labels && { labels: { classes, values: Int32Array.from(labels) } }),
  };
}
