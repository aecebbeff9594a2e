import { type Encoder, initialise, tf } from '@unlabel/core';
import { mlp, resnet, vit } from '@unlabel/models';
import { expect, test } from 'vitest';
import { loadOnnxRuntime } from '../runtime/onnxRuntime';
import { exportOnnx } from './exportOnnx';
import { verifyOnnx } from './verifyOnnx';

const encoders: readonly [string, Encoder][] = [
  ['an MLP', mlp({ inputShape: [4, 4, 1], hidden: [8], outputDim: 6 })],
  ['a ResNet', resnet({ inputShape: [9, 9, 2], stem: 'small-image', blocks: [1, 1], widths: [4, 8], strides: [2, 2] })],
  ['a ResNet with max-pooling', resnet({ inputShape: [16, 16, 1], blocks: [1], widths: [4], block: 'bottleneck' })],
  ['a ViT', vit({ inputShape: [8, 8, 1], patchSize: 4, dim: 8, depth: 2, heads: 2 })],
  [
    'a ViT with a class token',
    vit({ inputShape: [8, 8, 1], patchSize: 4, dim: 8, depth: 2, heads: 2, pooling: 'cls' }),
  ],
];

test.each(encoders)('%s gives the same features for any batch', async (_, encoder) => {
  const weights = initialise(encoder.variables, 1);
  const { difference } = await verifyOnnx(exportOnnx(encoder, weights), encoder, weights);
  expect(difference).toBeLessThan(1e-5);
});

test('the file has a named batch axis, and one input and output', async () => {
  const [, encoder] = encoders[1] ?? [];
  if (!encoder) throw new Error('no encoder');
  const { InferenceSession } = await loadOnnxRuntime();
  const session = await InferenceSession.create(exportOnnx(encoder, initialise(encoder.variables, 1)));
  expect(session.inputMetadata).toEqual([
    { name: 'input', isTensor: true, type: 'float32', shape: ['batch', 9, 9, 2] },
  ]);
  expect(session.outputMetadata).toEqual([{ name: 'features', isTensor: true, type: 'float32', shape: ['batch', 8] }]);
  await session.release();
});

test('metadata says how to feed it', () => {
  const encoder = mlp({ inputShape: [2, 2, 1], hidden: [4], outputDim: 3 });
  const file = exportOnnx(encoder, initialise(encoder.variables, 1), {
    preprocessing: { mean: [0.286], std: [0.353] },
    metadata: { method: 'simclr' },
  });
  const text = new TextDecoder('latin1').decode(file);
  for (const entry of ['input_shape', '[2,2,1]', 'mean', '[0.286]', 'std', '[0.353]', 'method', 'simclr']) {
    expect(text).toContain(entry);
  }
});

test('a file with other weights does not pass for the encoder', async () => {
  const encoder = mlp({ inputShape: [2, 2, 1], hidden: [4], outputDim: 3 });
  const file = exportOnnx(encoder, initialise(encoder.variables, 1));
  const { difference } = await verifyOnnx(file, encoder, initialise(encoder.variables, 2));
  expect(difference).toBeGreaterThan(0.01);
});

test('names a missing weight', () => {
  const encoder = mlp({ inputShape: [2, 2, 1], hidden: [4], outputDim: 3 });
  expect(() => exportOnnx(encoder, {})).toThrow(expect.objectContaining({ code: 'VARIABLE_MISSING' }));
});

test('refuses an encoder whose values depend on the batch size', () => {
  const encoder: Encoder = {
    name: 'odd',
    inputShape: [2],
    outputDim: 2,
    variables: {},
    apply: (input) => tf.mul<tf.Tensor2D>(tf.reshape(input, [-1, 2]), Math.sqrt(input.shape[0] ?? 1)),
  };
  expect(() => exportOnnx(encoder, {})).toThrow(expect.objectContaining({ code: 'CAPTURE_UNSUPPORTED_OP' }));
});
