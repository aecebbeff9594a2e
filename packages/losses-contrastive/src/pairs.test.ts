import { clipViews, countWords, wordTokenizer } from '@unlabel/augment';
import {
  adam,
  type BackendSession,
  constantSchedule,
  cpu,
  type Dataset,
  type Encoder,
  mlpHead,
  type Objective,
  type PairSample,
  pretrain,
  tf,
  xavierUniform,
} from '@unlabel/core';
import { loader } from '@unlabel/data';
import { beforeAll, expect, test } from 'vitest';
import { clip } from './clip';
import { siglip } from './siglip';

const colours = { red: [220, 30, 30], green: [30, 200, 40], blue: [40, 40, 230], white: [250, 250, 250] };
const places = { 'top left': [0, 0], 'top right': [0, 1], 'bottom left': [1, 0], 'bottom right': [1, 1] };

/** Sixteen pictures, each of a square of one colour in one corner, and what they show. */
const pairs: readonly PairSample[] = Object.entries(colours).flatMap(([colour, rgb]) =>
  Object.entries(places).map(([place, [down = 0, right = 0]]) => ({
    image: {
      data: Uint8Array.from({ length: 192 }, (_, at) => shade(at, rgb, [down, right])),
      height: 8,
      width: 8,
      channels: 3,
    },
    text: `A ${colour} square, at the ${place}.`,
  })),
);

function shade(at: number, rgb: readonly number[], [down, right]: readonly [number, number]): number {
  const [row, column] = [Math.floor(at / 24), Math.floor((at % 24) / 3)];
  return Math.floor(row / 4) === down && Math.floor(column / 4) === right ? (rgb[at % 3] ?? 0) : 90;
}

const dataset: Dataset<PairSample> = {
  name: 'squares',
  modality: 'pairs',
  length: pairs.length,
  read: (index) => pairs[index] ?? Promise.reject(new Error('no such pair')),
  sampleName: String,
  fingerprint: 'squares',
};

const head = mlpHead({ dims: [192, 32], norm: 'none' });
const ofImages: Encoder = {
  name: 'pixels',
  inputShape: [8, 8, 3],
  outputDim: 32,
  variables: head.variables,
  apply: (input, context) => head.apply(tf.reshape(input, [-1, 192]), context),
};

/** The mean embedding of a text's words; padding, id 0, counts for nothing. */
const bagOfWords = (size: number, length: number): Encoder => ({
  name: 'words',
  inputShape: [length],
  outputDim: 32,
  variables: { embedding: { shape: [size, 32], trainable: true, initial: xavierUniform } },
  apply: (ids, context) => {
    const words = tf.mul(
      tf.oneHot(tf.cast(ids, 'int32'), size),
      tf.expandDims(tf.cast(tf.notEqual(ids, 0), 'float32'), -1),
    );
    return tf.matMul(tf.mean(words, 1), context.get('embedding'));
  },
});

let session: BackendSession;
beforeAll(async () => {
  session = await cpu().open();
});

const [ofOneIn16, all16] = [Math.log(16), 15 * Math.log(16 / 15) + Math.log(16)]; // cross-entropies of who knows nothing

/** A batch is all sixteen pairs. */
test.each<[string, number, (second: Encoder) => Objective]>([
  ['CLIP', ofOneIn16, (second) => clip({ second, projector: [16] })],
  ['SigLIP', all16, (second) => siglip({ second, projector: [16] })],
])('%s finds each picture’s caption, fed by a loader of pairs', async (_, ignorance, objectiveOf) => {
  const texts = {
    name: 'captions',
    length: pairs.length,
    read: (index: number) => ({ text: pairs[index]?.text ?? '' }),
  };
  const tokenizer = wordTokenizer({ words: await countWords(texts) });
  const views = clipViews({ tokenizer, length: 12, size: 8 });
  const batches = loader({ dataset, views, batchSize: 16, seed: 1, workers: 0 });
  const losses: number[] = [];
  for await (const event of pretrain({
    batches,
    encoder: ofImages,
    objective: objectiveOf(bagOfWords(tokenizer.size, 12)),
    optimizer: adam(),
    session,
    epochs: 40,
    learningRate: () => constantSchedule(0.02),
  })) {
    if (event.type === 'step') losses.push(event.loss);
  }
  expect(losses.length).toBe(40);
  expect(losses[0]).toBeGreaterThan(0.9 * ignorance);
  expect(losses.at(-1)).toBeLessThan(0.45 * ignorance);
});
