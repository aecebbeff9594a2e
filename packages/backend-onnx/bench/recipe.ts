import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const widths = z.array(z.int());

/** All that the recipe says today: a key more or less, or another kind of value, and the benchmarks do not start. */
const schema = z.strictObject({
  data: z.strictObject({ dataset: z.literal('fashion-mnist'), range: z.tuple([z.literal(0), z.int()]) }),
  views: z.strictObject({
    name: z.literal('small-image'),
    size: z.int(),
    scale: z.tuple([z.number(), z.number()]),
  }),
  encoder: z.strictObject({
    name: z.literal('resnet'),
    inputShape: z.tuple([z.int(), z.int(), z.int()]),
    stem: z.literal('small-image'),
    stemWidth: z.int(),
    stemStride: z.int(),
    blocks: widths,
    widths,
    strides: widths,
    outputNorm: z.boolean(),
  }),
  objective: z.strictObject({ name: z.literal('simclr'), temperature: z.number(), projector: widths }),
  optimizer: z.strictObject({ name: z.literal('adamw'), weightDecay: z.number() }),
  training: z.strictObject({
    epochs: z.int(),
    batchSize: z.int(),
    learningRate: z.number(),
    warmup: z.number(),
  }),
  evaluation: z.unknown(),
});

const file = new URL('../../../cli/src/recipes/fashion-mnist.yaml', import.meta.url); // from bench/dist

/** What `npm start` trains. */
export const recipe = schema.parse(parse(readFileSync(file, 'utf8')));
