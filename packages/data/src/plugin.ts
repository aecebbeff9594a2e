import { define, definePlugin } from '@unlabel/core';
import { z } from 'zod';

const imageOptions = {
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(3)
    .describe('1 grey, 3 RGB'),
  maxSide: z.int().positive().default(512).describe('shrinks longer sides to this while decoding'),
  maxPixels: z.int().positive().default(1e8).describe('larger images count as unreadable'),
};

const parts = z
  .enum(['image', 'pairs', 'text'])
  .default('image')
  .describe('the images, image–text pairs, or the texts');

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

const tinyImages = {
  citation: 'Krizhevsky, Learning multiple layers of features from tiny images, 2009',
  url: 'https://www.cs.toronto.edu/~kriz/cifar.html',
};

const cifarOptions = {
  root: z.string().describe('folder of the unpacked .bin files'),
  split: z.enum(['train', 'test']).default('train').describe('the 50,000 or the 10,000'),
};

const cifar10 = define({
  kind: 'dataset',
  name: 'cifar-10',
  summary: 'CIFAR-10, the binary version: 32 × 32 RGB images of ten classes.',
  paper: tinyImages,
  options: z.strictObject(cifarOptions),
  load: async () => (await import('./readers/cifar')).cifar10,
});

const cifar100 = define({
  kind: 'dataset',
  name: 'cifar-100',
  summary: 'CIFAR-100, the binary version: 32 × 32 RGB images of a hundred classes.',
  paper: tinyImages,
  options: z.strictObject({
    ...cifarOptions,
    labels: z.enum(['fine', 'coarse']).default('fine').describe('the 100 classes or the 20 groups of them'),
  }),
  load: async () => (await import('./readers/cifar')).cifar100,
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
  summary: 'The JPEG, PNG, WebP, AVIF, GIF and TIFF files under a folder; subfolders are optional labels.',
  options: z.strictObject({ root: z.string().describe('the folder'), ...imageOptions }),
  load: async () => {
    const { imageFolder } = await import('./readers/imageFolder');
    return ({ root, ...options }) => imageFolder(root, options);
  },
});

const manifest = define({
  kind: 'dataset',
  name: 'manifest',
  summary: 'Images, texts or pairs that a CSV, TSV or JSON Lines file lists.',
  options: z.strictObject({
    file: z.string().describe('the manifest; paths in it are relative to its folder'),
    parts,
    image: z.string().exactOptional().describe('column of the path; default path, file_name, image or file'),
    text: z.string().exactOptional().describe('column of the text; default text or caption'),
    label: z.string().exactOptional().describe('column of the label; default label, if every row has one'),
    ...imageOptions,
  }),
  load: async () => {
    const { manifest: read } = await import('./readers/manifest');
    return ({ file, ...options }) => read(file, options);
  },
});

const parquet = define({
  kind: 'dataset',
  name: 'parquet',
  summary: 'Images, texts or pairs in Parquet files, as the Hugging Face Hub lays them out; read by row group.',
  options: z.strictObject({
    source: z.string().describe('a .parquet file or a folder of shards'),
    parts,
    image: z.string().exactOptional().describe('column of the image; default what the metadata says, or image'),
    text: z.string().exactOptional().describe('column of the text; default text or caption'),
    label: z.string().exactOptional().describe('column of the label; default what the metadata says'),
    cacheBytes: z
      .int()
      .min(0)
      .default(2 ** 28)
      .describe('row groups held in memory'),
    ...imageOptions,
  }),
  load: async () => {
    const { parquet: read } = await import('./readers/parquet');
    return ({ source, ...options }) => read(source, options);
  },
});

const webDataset = define({
  kind: 'dataset',
  name: 'webdataset',
  summary: 'Images, texts or pairs in WebDataset tar shards, read in any order without unpacking.',
  options: z.strictObject({
    source: z.string().describe('a .tar file or a folder of shards'),
    parts,
    text: z.string().default('txt').describe('ending of the members with the text: txt, json, …'),
    textField: z.string().default('caption').describe('where the text is in JSON'),
    ...imageOptions,
  }),
  load: async () => {
    const { webDataset: read } = await import('./readers/webDataset');
    return ({ source, ...options }) => read(source, options);
  },
});

const textLines = define({
  kind: 'dataset',
  name: 'text-lines',
  summary: 'The lines of a text or JSON Lines file, of any size, as texts.',
  options: z.strictObject({
    file: z.string().describe('the file, in UTF-8'),
    field: z.string().exactOptional().describe('field of the text, if lines are JSON'),
    label: z.string().exactOptional().describe('field of the label, if lines are JSON'),
  }),
  load: async () => {
    const { textLines: read } = await import('./readers/textLines');
    return ({ file, ...options }) => read(file, options);
  },
});

const wavFolder = define({
  kind: 'dataset',
  name: 'wav-folder',
  summary: 'The .wav files under a folder, mono and at one rate; subfolders are optional labels.',
  options: z.strictObject({
    root: z.string().describe('the folder'),
    rate: z.int().positive().default(16_000).describe('samples a second'),
    otherRates: z.enum(['resample', 'refuse']).default('resample').describe('what becomes of other rates'),
    maxSeconds: z.number().positive().default(600).describe('longer recordings count as unreadable'),
  }),
  load: async () => {
    const { wavFolder: read } = await import('./readers/wavFolder');
    return ({ root, ...options }) => read(root, options);
  },
});

const table = define({
  kind: 'dataset',
  name: 'table',
  summary: 'The rows of a CSV, TSV or JSON Lines file of numbers.',
  options: z.strictObject({
    file: z.string().describe('the file'),
    header: z.boolean().default(true).describe('whether the first row of a CSV file names the columns'),
    columns: z.array(z.string()).exactOptional().describe('the features; default all but the label'),
    label: z.string().exactOptional().describe('column of the label'),
    maxBytes: z
      .int()
      .positive()
      .default(2 ** 31)
      .describe('most bytes of numbers to hold in memory'),
  }),
  load: async () => {
    const { numberTable } = await import('./readers/numberTable');
    return ({ file, ...options }) => numberTable(file, options);
  },
});

/** The datasets of this package, by name. */
export const plugin = definePlugin('@unlabel/data', [
  fashionMnist,
  cifar10,
  cifar100,
  idx,
  folder,
  manifest,
  parquet,
  webDataset,
  textLines,
  wavFolder,
  table,
]);
