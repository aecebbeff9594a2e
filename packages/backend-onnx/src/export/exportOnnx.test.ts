import { type Encoder, type HostTensors, hostTensor, type Initializer, initialise, sizeOf, tf } from '@unlabel/core';
import { mlp, resnet, vit } from '@unlabel/models';
import { describe, expect, test } from 'vitest';
import { faultsOf, readModel } from '../emit/modelFixture';
import { type ExportOnnxOptions, exportOnnx } from './exportOnnx';
import { verifyOnnx } from './verifyOnnx';

const small = mlp({ inputShape: [2, 2, 1], hidden: [4], outputDim: 3 });

const encoders: readonly [string, Encoder][] = [
  ['an MLP', mlp({ inputShape: [4, 4, 1], hidden: [8], outputDim: 6 })],
  ['a ResNet', resnet({ inputShape: [9, 9, 2], stem: 'small-image', blocks: [1, 1], widths: [4, 8], strides: [2, 2] })],
  ['a ResNet with max-pooling', resnet({ inputShape: [16, 16, 1], blocks: [1], widths: [4], block: 'bottleneck' })],
  ['a ViT', vit({ inputShape: [8, 8, 1], patchSize: 4, dim: 8, depth: 2, heads: 2 })],
  [
    'a ViT with a class token',
    vit({ inputShape: [8, 8, 1], patchSize: 4, dim: 8, depth: 2, heads: 2, pooling: 'cls' }),
  ],
  ['convolutions over time', overTime()],
  ['transposed convolutions', upwards([2, 3], [3, 2])],
  ['transposed convolutions that leave pixels over', upwards([3, 2], [2, 1])],
];

/** An encoder of images that enlarges them before it looks for their largest values. */
function upwards(strides: [number, number], kernel: [number, number]): Encoder {
  const initial: Initializer = (shape, random) =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal() / 4);
  return {
    name: 'upwards',
    inputShape: [4, 5, 2],
    outputDim: 3,
    variables: { filter: { shape: [...kernel, 3, 2], trainable: true, initial } },
    apply: (input, context) => {
      const images = tf.reshape<tf.Rank.R4>(input, [-1, 4, 5, 2]);
      const filter = tf.reshape<tf.Rank.R4>(context.get('filter'), [...kernel, 3, 2]);
      const shape: [number, number, number, number] = [images.shape[0], 4 * strides[0], 5 * strides[1], 3];
      return tf.max<tf.Tensor2D>(tf.conv2dTranspose(images, filter, shape, strides, 'same'), [1, 2]);
    },
  };
}

/** An encoder of sequences `[time, channels]`: two strided convolutions, then mean and maximum over time. */
function overTime(): Encoder {
  const initial: Initializer = (shape, random) =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal() / 4);
  return {
    name: 'overTime',
    inputShape: [31, 3],
    outputDim: 12,
    variables: {
      first: { shape: [5, 3, 4], trainable: true, initial },
      second: { shape: [3, 4, 6], trainable: true, initial },
    },
    apply: (input, context) => {
      const sequence = tf.reshape<tf.Rank.R3>(input, [-1, 31, 3]);
      const first = tf.reshape<tf.Rank.R3>(context.get('first'), [5, 3, 4]);
      const second = tf.reshape<tf.Rank.R3>(context.get('second'), [3, 4, 6]);
      const inner = tf.relu(tf.conv1d(sequence, first, 2, 'same'));
      const outer = tf.tanh(tf.conv1d<tf.Tensor3D>(inner, second, 3, 'valid'));
      return tf.concat2d([tf.mean<tf.Tensor2D>(outer, 1), tf.max<tf.Tensor2D>(outer, 1)], 1);
    },
  };
}

function file(encoder: Encoder, options: ExportOnnxOptions = {}): { bytes: Uint8Array; weights: HostTensors } {
  const weights = initialise(encoder.variables, 1);
  return { weights, bytes: exportOnnx(encoder, weights, options) };
}

describe.each(encoders)('%s', (_, encoder) => {
  test('gives the same features for any batch', async () => {
    const { bytes, weights } = file(encoder);
    const { batches, difference } = await verifyOnnx(bytes, encoder, weights, { batches: [1, 2, 3, 7, 16] });
    expect(batches).toEqual([1, 2, 3, 7, 16]);
    expect(difference).toBeLessThan(1e-5);
  });

  test('gives the same features when its batch is fixed', async () => {
    const { bytes, weights } = file(encoder, { dynamicBatch: false, batchSize: 3 });
    const { batches, difference } = await verifyOnnx(bytes, encoder, weights);
    expect(batches).toEqual([3]);
    expect(difference).toBeLessThan(1e-5);
    await expect(verifyOnnx(bytes, encoder, weights, { batches: [2] })).rejects.toThrow(/dimension|shape/i);
  });

  test.each([17, 18, 19, 20, 21])('is sound and gives the same features in opset %i', async (opset) => {
    const { bytes, weights } = file(encoder, { opset });
    const model = readModel(bytes);
    expect(faultsOf(model)).toEqual([]);
    expect(model.opsets).toEqual({ '': opset });
    expect((await verifyOnnx(bytes, encoder, weights)).difference).toBeLessThan(1e-5);
  });
});

test('the version of the format is the one that came with the opset', () => {
  const versions = [17, 18, 19, 20, 21].map((opset) => readModel(file(small, { opset }).bytes).irVersion);
  expect(versions).toEqual([8, 8, 9, 9, 10]);
  expect(readModel(file(small).bytes).opsets).toEqual({ '': 17 });
});

test('inputs and outputs are named and so is the batch axis, unless it is fixed', () => {
  const [, resNet = small] = encoders[1] ?? [];
  expect(readModel(file(resNet).bytes)).toMatchObject({
    inputs: [{ name: 'input', shape: ['batch', 9, 9, 2] }],
    outputs: [{ name: 'features', shape: ['batch', 8] }],
  });
  expect(readModel(file(resNet, { dynamicBatch: false, batchSize: 4 }).bytes)).toMatchObject({
    inputs: [{ name: 'input', shape: [4, 9, 9, 2] }],
    outputs: [{ name: 'features', shape: [4, 8] }],
  });
});

test('the file says what it is and who made it', () => {
  const { producer, producerVersion, description } = readModel(file(small, { method: 'simclr' }).bytes);
  expect([producer, producerVersion]).toEqual(['unlabel', expect.stringMatching(/^\d+\.\d+\.\d+/)]);
  expect(description).toBe('Encoder mlp trained with simclr: input [batch, 2, 2, 1], features [batch, 3].');
});

test('the same weights give the same bytes', () => {
  expect(file(small).bytes).toEqual(file(small).bytes);
});

test('a file with other weights does not pass for the encoder', async () => {
  const { difference } = await verifyOnnx(file(small).bytes, small, initialise(small.variables, 2));
  expect(difference).toBeGreaterThan(0.01);
});

test('names a missing weight', () => {
  expect(() => exportOnnx(small, {})).toThrow(expect.objectContaining({ code: 'VARIABLE_MISSING' }));
});

test('names a weight of another shape', () => {
  const weights = initialise(small.variables, 1);
  const [name = ''] = Object.keys(weights);
  const wrong = { ...weights, [name]: hostTensor(new Float32Array(3), [3]) };
  expect(() => exportOnnx(small, wrong)).toThrow(
    expect.objectContaining({ code: 'SHAPE_MISMATCH', message: expect.stringContaining(name) }),
  );
});

test.each<ExportOnnxOptions>([
  { opset: 16 },
  { opset: 22 },
  { opset: 17.5 },
  { batchSize: 2 },
  { dynamicBatch: true, batchSize: 1 },
  { dynamicBatch: false, batchSize: 0 },
  { dynamicBatch: false, batchSize: 1.5 },
])('refuses %j', (options) => {
  expect(() => file(small, options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

test('refuses an encoder whose values depend on the batch size, unless that is fixed', () => {
  const odd: Encoder = {
    name: 'odd',
    inputShape: [2],
    outputDim: 2,
    variables: {},
    apply: (input) => tf.mul<tf.Tensor2D>(tf.reshape(input, [-1, 2]), Math.sqrt(input.shape[0] ?? 1)),
  };
  expect(() => exportOnnx(odd, {})).toThrow(expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED_OP' }));
  expect(exportOnnx(odd, {}, { dynamicBatch: false }).length).toBeGreaterThan(0);
});

test('an encoder that computes the gradient of a filter is refused', () => {
  const images = (input: tf.Tensor) => tf.reshape<tf.Rank.R4>(input, [-1, 4, 4, 1]);
  const tuned: Encoder = {
    name: 'tuned',
    inputShape: [4, 4, 1],
    outputDim: 4,
    variables: {},
    apply: (input) => {
      const sum = (filter: tf.Tensor4D) => tf.sum(tf.conv2d(images(input), filter, 1, 'same'));
      const slope = tf.grad((filter) => sum(tf.reshape<tf.Rank.R4>(filter, [2, 2, 1, 1])))(tf.ones([2, 2, 1, 1]));
      return tf.mul(tf.ones([input.shape[0] ?? 1, 1]), tf.reshape<tf.Rank.R2>(slope, [1, 4]));
    },
  };
  expect(() => exportOnnx(tuned, {}, { dynamicBatch: false })).toThrow(
    expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED_OP', message: expect.stringMatching(/gradient of a filter/) }),
  );
});
