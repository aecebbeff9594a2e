import type { Kind } from '@unlabel/core';
import { z } from 'zod';

/** A part by its registered name: `simclr`, or `{ name: simclr, temperature: 0.2 }` with options of its own. */
export type NamedPart = string | { readonly name: string; readonly [option: string]: unknown };

/** A part of this kind; which names and options there are, the loaded plugins say. */
function part<K extends Kind>(kind: K, description: string) {
  const withOptions = z.looseObject({ name: z.string() });
  return z.union([z.string(), withOptions]).meta({ kind, description });
}

const range = z
  .tuple([z.int().nonnegative(), z.int().positive()])
  .describe('First sample and the one after the last: [0, 8000].');

const unit = z.number().min(0).max(1);

const share = z
  .tuple([unit, unit])
  .describe('From and to in a fixed random order: [0, 0.8] and [0.8, 1] share no sample.');

const data = z.strictObject({
  dataset: part('dataset', 'The images to learn from.'),
  range: range.exactOptional(),
  share: share.exactOptional(),
});

const keepBest = z.strictObject({
  by: z
    .string()
    .default('loss')
    .describe(
      "'loss' (of an epoch), or a figure of a watcher: online-knn/knn, online-probe/accuracy, collapse-monitor/rankMe …",
    ),
  mode: z.enum(['max', 'min']).exactOptional().describe('Which is best (default: min for the loss, else max).'),
});

const training = z.strictObject({
  epochs: z.int().positive().default(100).describe('Passes over the data.'),
  batchSize: z.int().min(2).default(256).describe('Samples in a batch.'),
  dropLast: z
    .boolean()
    .default(true)
    .describe("Leaves out an epoch's last samples when they do not fill a batch; false makes a smaller batch of them."),
  learningRate: z.number().positive().default(1e-3).describe('Peak learning rate.'),
  schedule: z.enum(['cosine', 'linear', 'constant']).default('cosine').describe('What follows the warm-up.'),
  warmup: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('Share of the steps in which the learning rate rises to its peak.'),
  clipNorm: z
    .number()
    .positive()
    .exactOptional()
    .describe('Largest global norm of the gradients; not clipped unless given.'),
  accumulate: z.int().positive().default(1).describe('Batches whose gradients are averaged into one update.'),
  microBatch: z
    .union([z.literal('auto'), z.literal(false), z.int().positive()])
    .default('auto')
    .describe(
      'Samples that pass the encoder together, to stay in cache; false: the whole batch, as batch norm needs it; auto: parts where they pay.',
    ),
  averageDecay: z
    .number()
    .min(0)
    .max(1)
    .exactOptional()
    .describe('Decay of a moving average of the weights, which becomes the result; none unless given.'),
  seed: z.int().nonnegative().default(0).describe('Seeds first weights, order, views and every other draw.'),
  checkpointEvery: z.int().positive().exactOptional().describe('Updates between checkpoints (default: an epoch).'),
  keepBest: keepBest
    .exactOptional()
    .describe('Keeps the best moment as checkpoint `best`, for evaluate and export; none unless given.'),
  workers: z
    .int()
    .nonnegative()
    .exactOptional()
    .describe('Threads that prepare views (default: a GPU that can, else the loader decides).'),
});

const samples = z.strictObject({
  dataset: part('dataset', 'Default: the dataset of `data`.').exactOptional(),
  range: range.exactOptional(),
  share: share.exactOptional(),
});

const evaluation = z.strictObject({
  bank: samples.prefault({}).describe('Labelled samples that evaluators may learn from.'),
  test: samples.describe('Labelled samples that they are measured on.'),
  evaluators: z
    .array(part('evaluator', 'Measured at the end; `title` is what tables call it (default: its name and options).'))
    .default(['knn', 'linear-probe']),
  pixelSize: z
    .int()
    .positive()
    .exactOptional()
    .describe("Height and width at which raw pixels are measured (default: the encoder's, at most 1,024 values)."),
  standardise: z
    .boolean()
    .default(false)
    .describe('Whether each feature is scaled to mean 0 and deviation 1 over the bank before anything is measured.'),
  every: z.int().nonnegative().default(1).describe('Epochs between measurements while training; 0: none.'),
  online: z
    .array(z.enum(['knn', 'probe']))
    .default(['knn'])
    .describe('What is measured then, on images held out of the bank, beside collapse: kNN, a linear probe.'),
});

/** The schema of a run's config file: every section strict, every key described. */
export const configSchema = z.strictObject({
  data,
  views: part('augmentation', 'How each image becomes several views.'),
  encoder: part('encoder', 'The network that is trained.'),
  objective: part('objective', 'The self-supervised method.'),
  optimizer: part('optimizer', 'How parameters move.').default('adamw'),
  training: training.prefault({}),
  backend: part('backend', "Where it computes; 'auto' picks the fastest that works here.").default('auto'),
  evaluation: evaluation.exactOptional().describe('Labels are used here and nowhere else.'),
  plugins: z.array(z.string()).default([]).describe('Packages of the project whose plugins are loaded.'),
  report: z.boolean().default(true).describe('Whether report.html is written into the run folder at the end.'),
  out: z.string().exactOptional().describe('The run folder (default: runs/<objective>-<date>).'),
});

/** A whole config, defaults filled in. */
export type Config = z.output<typeof configSchema>;

/** A config as a person writes it. */
export type ConfigInput = z.input<typeof configSchema>;

/** Name and options of a named part. */
export function partOf(part: NamedPart): {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
} {
  if (typeof part === 'string') return { name: part, options: {} };
  const { name, ...options } = part;
  return { name, options };
}

/** Name and options of an evaluator, and what tables call it: its title, else its name and options. */
export function evaluatorOf(part: NamedPart): ReturnType<typeof partOf> & { readonly title: string } {
  const { name, options } = partOf(part);
  const { title, ...own } = options;
  if (typeof title === 'string') return { name, options: own, title };
  const values = Object.entries(options).map(([option, value]) => `${option} ${JSON.stringify(value)}`);
  return { name, options, title: [name, ...values].join(', ') };
}
