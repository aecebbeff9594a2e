import { beforeAll, describe, expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { drawStepRandom, toTensor } from './backends/eager';
import type { Encoder, TokenEncoder } from './encoder';
import { UnlabelError } from './errors';
import { lossAndGradients } from './gradients';
import { microBatched, withMicroBatch } from './microBatch';
import { batchNorm } from './nn/batchNorm';
import { dense } from './nn/dense';
import { dropout, dropPath } from './nn/dropout';
import { initialise, type Layer, layerContext, variablesOf } from './nn/layer';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

const [inputDim, outputDim] = [4, 3];

function encoderOf(middle: Layer<tf.Tensor2D, tf.Tensor2D>): Encoder {
  const first = dense({ inputDim, outputDim });
  return {
    name: 'test',
    inputShape: [inputDim],
    outputDim,
    variables: variablesOf({ first, middle }),
    apply: (input, context) =>
      middle.apply(
        first.apply(tf.reshape<tf.Rank.R2>(input, [-1, inputDim]), context.scope('first')),
        context.scope('middle'),
      ),
  };
}

/** Applied twice, with the same names of draws. */
const noisy = encoderOf({
  variables: {},
  apply: (x, context) =>
    [dropout<tf.Tensor2D>(0.5), dropPath<tf.Tensor2D>(0.3), dropout<tf.Tensor2D>(0.5)].reduce(
      (features, layer) => layer.apply(features, context),
      x,
    ),
});
const transformer: TokenEncoder = {
  ...noisy,
  grid: [5, 2],
  tokenDim: 4,
  embed: (input) => tf.reshape(input, [-1, 1, inputDim]),
  positions: () => tf.zeros([1, inputDim]),
  encode: (tokens) => ({ tokens, features: tf.mean(tokens, 1) }),
  tokens: (input) => tf.reshape(input, [-1, 1, inputDim]),
};
const statistical = encoderOf(batchNorm({ channels: outputDim }));
const batch = () => tf.randomNormal([10, inputDim], 0, 1, 'float32', 3);

/** Features of ten samples and the gradients of the sum of their sines, with the names of all draws. */
function trained(encoder: Encoder, training = true) {
  const initial = initialise(encoder.variables, 5);
  const values = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, toTensor(value)]));
  const names: string[] = [];
  const draw = (kind: 'normal' | 'uniform') => (name: string, shape: readonly number[]) => {
    names.push(`${name} [${shape}]`);
    return tf.tensor(drawStepRandom(kind, [1, 'step', 2], name, shape), [...shape]);
  };
  const random = { normal: draw('normal'), uniform: draw('uniform') };
  const { extra, gradients } = lossAndGradients(() => {
    const features = encoder.apply(batch(), layerContext(values, { training, random }).context);
    return { loss: tf.sum(tf.sin(features)), extra: { features } };
  }, values);
  const tensors = Object.entries({ ...gradients, ...extra }).map(
    ([name, tensor]) => [name, [...tensor.dataSync()]] as const,
  );
  return { tensors, names };
}

function expectSame(encoder: Encoder, whole: Encoder): void {
  const [actual, expected] = [trained(encoder), trained(whole)];
  expect(actual.names).toEqual(expected.names);
  for (const [index, [name, values]] of expected.tensors.entries()) {
    for (const [at, value] of values.entries()) expect(actual.tensors[index]?.[1][at], name).toBeCloseTo(value, 5);
  }
}

test.each([1, 3, 5, 10, 64])('parts of %i have the features, gradients and draws of the whole batch', (size) => {
  expectSame(microBatched(noisy, size), noisy);
});

test('takes parts of nearly equal size', () => {
  const sizes: number[] = [];
  const watching: Encoder = {
    ...noisy,
    apply: (input, context) => {
      sizes.push(input.shape[0] ?? 0);
      return noisy.apply(input, context);
    },
  };
  trained(microBatched(watching, 4));
  expect(sizes).toEqual([4, 4, 2]);
  sizes.length = 0;
  trained(withMicroBatch(watching, false, { microBatchBytes: 1 }));
  expect(sizes).toEqual([10]);
});

test('draws that no sample has a share in are made once, for all parts', () => {
  const encoder: Encoder = {
    ...noisy,
    apply: (input, context) => tf.add(noisy.apply(input, context), tf.sum(context.random.normal('shift', [3]))),
  };
  expectSame(microBatched(encoder, 5), encoder);
});

describe('auto', () => {
  const sizes = (encoder: Encoder, microBatchBytes?: number) => {
    const counted: number[] = [];
    const apply: Encoder['apply'] = (input, context) => {
      counted.push(input.shape[0] ?? 0);
      return encoder.apply(input, context);
    };
    trained(withMicroBatch({ ...encoder, apply }, 'auto', microBatchBytes === undefined ? {} : { microBatchBytes }));
    return counted;
  };

  test('gives transformers parts whose widest activation fits', () => {
    expect(sizes(transformer, 640 * 5)).toEqual([5, 5]);
  });

  test('makes four parts at most', () => {
    expect(sizes(transformer, 1)).toEqual([3, 3, 3, 1]);
  });

  test('leaves whole what the session, the encoder or its statistics do not ask for', () => {
    expect(sizes(transformer)).toEqual([10]);
    expect(sizes(noisy, 640)).toEqual([10]);
    expect(sizes({ ...transformer, ...statistical }, 640)).toEqual([10]);
  });
});

test('refuses encoders with batch statistics while they train, naming the variable, and lets them evaluate', () => {
  const encoder = microBatched(statistical, 5);
  expect(codeOf(() => trained(encoder))).toEqual(['INVALID_OPTION', expect.stringContaining('middle/runningMean')]);
  expect(trained(encoder, false).tensors).toHaveLength(trained(statistical, false).tensors.length);
});

test.each([0, -1, 2.5, Number.NaN])('refuses parts of %d samples', (size) => {
  expect(codeOf(() => microBatched(noisy, size))[0]).toBe('INVALID_OPTION');
});

function codeOf(act: () => unknown): readonly unknown[] {
  try {
    return [act()];
  } catch (error) {
    return UnlabelError.is(error) ? [error.code, error.message] : [error];
  }
}

test('variables keep their names', () => {
  expect(Object.keys(microBatched(noisy, 2).variables)).toEqual(
    Object.keys(variablesOf({ first: dense({ inputDim, outputDim }) })),
  );
});
