import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';

const fashionMnist = define({
  kind: 'dataset',
  name: 'fashion-mnist',
  summary: 'Fashion-MNIST: 28 × 28 grey images of ten kinds of clothing.',
  paper: {
    citation: 'Xiao, Rasul & Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking, 2017',
    url: 'https://arxiv.org/abs/1708.07747',
  },
  options: z.strictObject({
    split: z.enum(['test', 'train']).default('test').describe('the 10,000 that come along, or the 60,000'),
    root: z.string().exactOptional().describe("folder of the original .gz files; default that of Debian's package"),
  }),
  load: async () => (await import('./readers/fashionMnist')).fashionMnist,
});

const idx = define({
  kind: 'dataset',
  name: 'idx',
  summary: 'Grey images in an IDX file, plain or gzipped, as MNIST and its relatives.',
  options: z.strictObject({
    images: z.string().describe('path of the image file'),
    labels: z.string().exactOptional().describe('path of the label file'),
    classes: z.array(z.string()).exactOptional().describe('class names by label'),
    name: z.string().default('idx'),
  }),
  load: async () => (await import('./readers/idx')).idxImages,
});

const folder = define({
  kind: 'dataset',
  name: 'image-folder',
  summary: 'The JPEG, PNG, WebP and AVIF files under a folder; subfolders are optional labels.',
  options: z.strictObject({
    root: z.string().describe('the folder'),
    channels: z
      .union([z.literal(1), z.literal(3)])
      .default(3)
      .describe('1 grey, 3 RGB'),
    maxSide: z.int().positive().default(512).describe('shrinks longer sides to this while decoding'),
    maxPixels: z.int().positive().default(1e8).describe('larger images count as unreadable'),
  }),
  load: async () => {
    const { imageFolder } = await import('./readers/imageFolder');
    return ({ root, ...options }) => imageFolder(root, options);
  },
});

/** The datasets of this package, by name. */
export const plugin = definePlugin('@unlabel/data', [fashionMnist, idx, folder]);
