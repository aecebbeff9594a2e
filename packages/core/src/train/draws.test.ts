import { beforeAll, expect, test } from 'vitest';
import type { BackendSession } from '../backend';
import { cpu } from '../backends/cpu';
import type { BatchSource } from '../batches';
import { type Encoder, isTokenEncoder, requireTokenEncoder } from '../encoder';
import { hostTensor } from '../hostTensor';
import { zeros } from '../nn/initializers';
import { variablesOf } from '../nn/layer';
import { type Objective, scheduled } from '../objective';
import { sgd } from '../optim/sgd';
import { tf } from '../tf';
import { pretrain } from './pretrain';
import type { PretrainOptions } from './run';

let session: BackendSession;

beforeAll(async () => {
  session = await cpu().open();
});

/** Batches of 2, 2 and 1 samples, all the same, with their labels if wanted. */
function points(labels = true): BatchSource {
  return {
    batchSize: 2,
    batchesPerEpoch: 3,
    samples: 5,
    specs: {
      'views/0': { shape: [2, 1], dtype: 'float32' },
      ...(labels && { labels: { shape: [2], dtype: 'int32' } as const }),
    },
    fingerprint: 'points',
    unreadable: [],
    waitedSeconds: 0,
    dispose: async () => undefined,
    epoch: async function* (_, from = 0) {
      for (const count of [2, 2, 1].slice(from)) {
        const view = hostTensor(new Float32Array(count).fill(1), [count, 1]);
        const classes = { dtype: 'int32', shape: [count], data: new Int32Array(count).fill(3) } as const;
        yield { inputs: { 'views/0': view, ...(labels && { labels: classes }) }, indices: new Int32Array(count) };
      }
    },
  };
}

const still: Encoder = {
  name: 'still',
  inputShape: [1],
  outputDim: 1,
  variables: { offset: { shape: [1], initial: zeros, trainable: true } },
  apply: (input, context) => tf.add(input, context.get('offset')),
};

/** Its terms are what it was given. */
function watcher(name = 'masks/kept', needs: Objective['needs'] = ['labels']): Objective {
  return {
    name: 'watcher',
    views: { min: 1 },
    minBatch: 1,
    needs,
    bind: (encoder) => ({
      variables: variablesOf({ encoder }),
      schedules: { epochs: (totalSteps, stepsPerEpoch) => () => totalSteps / stepsPerEpoch },
      draws: {
        specs: (batch) => ({ [name]: { shape: [batch, 2], dtype: 'int32' } }),
        draw: (random, batch) => ({
          [name]: {
            dtype: 'int32',
            shape: [batch, 2],
            data: Int32Array.from({ length: batch * 2 }, () => random.integer(1e6)),
          },
        }),
      },
      loss: ({ views: [view = tf.zeros([1, 1])], tensors, scalars }, context) => {
        const total = (name: string) => tf.sum<tf.Scalar>(tf.cast(tensors[name] ?? tf.scalar(Number.NaN), 'float32'));
        const projection = encoder.apply(view, context.scope('encoder'));
        const terms = { drawn: total(name), labels: total('labels'), epochs: scheduled(scalars, 'epochs') };
        return { loss: tf.mean(projection), terms, projection };
      },
    }),
  };
}

const options = (overrides: Partial<PretrainOptions> = {}): PretrainOptions => ({
  batches: points(),
  encoder: still,
  objective: watcher(),
  optimizer: sgd(),
  session,
  epochs: 2,
  learningRate: () => () => 0,
  ...overrides,
});

async function termsOf(run: PretrainOptions): Promise<Readonly<Record<string, number>>[]> {
  const terms: Readonly<Record<string, number>>[] = [];
  for await (const event of pretrain(run)) if (event.type === 'step') terms.push(event.terms);
  return terms;
}

test('an objective’s draws differ from batch to batch, fit smaller ones, and repeat with the seed', async () => {
  const drawn = async (seed: number) => (await termsOf(options({ seed }))).map((terms) => terms.drawn);
  const first = await drawn(1);
  expect(new Set(first).size).toBe(6);
  expect(await drawn(1)).toEqual(first);
  expect(await drawn(2)).not.toEqual(first);
});

test('labels reach an objective that needs them, and schedules know the epoch', async () => {
  const terms = await termsOf(options());
  expect(terms.map(({ labels }) => labels)).toEqual([6, 6, 3, 6, 6, 3]);
  expect(terms.map(({ epochs }) => epochs)).toEqual(Array(6).fill(2));
});

test('refuses a loader without the labels that the objective needs, and draws under a name that is taken', async () => {
  await expect(termsOf(options({ batches: points(false) }))).rejects.toMatchObject({ code: 'LABELS_MISSING' });
  await expect(termsOf(options({ objective: watcher('labels') }))).rejects.toMatchObject({ code: 'DUPLICATE_NAME' });
  await expect(termsOf(options({ objective: watcher('learningRate') }))).rejects.toMatchObject({
    code: 'DUPLICATE_NAME',
  });
});

test('an encoder without tokens is refused by the objective’s name', () => {
  expect(isTokenEncoder(still)).toBe(false);
  expect(() => requireTokenEncoder(still, 'i-jepa')).toThrow(/^i-jepa works on tokens, which the encoder still lacks/);
});
