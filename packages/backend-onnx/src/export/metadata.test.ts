import { initialise } from '@unlabel/core';
import { mlp } from '@unlabel/models';
import { expect, test } from 'vitest';
import { exportOnnx } from './exportOnnx';
import type { EncoderFacts } from './metadata';
import { readOnnxMetadata } from './readOnnxMetadata';

const grey = mlp({ inputShape: [2, 3, 1], hidden: [4], outputDim: 3 });
const preprocessing = { mean: [0.286], std: [0.353] };

function metadataOf(facts: EncoderFacts, encoder = grey): Readonly<Record<string, string>> {
  return readOnnxMetadata(exportOnnx(encoder, initialise(encoder.variables, 1), facts));
}

test('holds shapes and the library without being asked', () => {
  expect(metadataOf({})).toEqual({
    encoder: 'mlp',
    input_shape: '[2,3,1]',
    output_dim: '3',
    library: expect.stringMatching(/^@unlabel\/backend-onnx \d+\.\d+\.\d+/),
  });
});

test('holds everything that it is told', () => {
  const told = metadataOf({
    preprocessing: { ...preprocessing, resize: 'centre-crop' },
    method: 'simclr',
    methodOptions: { temperature: 0.2 },
    dataHash: 'sha256:0a',
    licence: 'CC-BY-4.0',
    author: 'Zoë',
    metadata: { run: 'runs/a' },
  });
  expect(told).toMatchObject({
    method: 'simclr',
    method_options: '{"temperature":0.2}',
    data_hash: 'sha256:0a',
    model_license: 'CC-BY-4.0',
    model_author: 'Zoë',
    run: 'runs/a',
  });
  expect(JSON.parse(told.preprocessing ?? '')).toEqual({
    value_range: [0, 1],
    mean: [0.286],
    std: [0.353],
    image_size: [2, 3],
    channel_order: 'grey',
    layout: 'NHWC',
    resize: 'centre-crop',
  });
});

test('the order of channels follows their number; what is no image has none', () => {
  const colour = mlp({ inputShape: [2, 2, 3], hidden: [4], outputDim: 3 });
  const statistics = { mean: [0, 0, 0], std: [1, 1, 1] };
  expect(JSON.parse(metadataOf({ preprocessing: statistics }, colour).preprocessing ?? '')).toMatchObject({
    channel_order: 'rgb',
  });
  const plain = mlp({ inputShape: [1], hidden: [4], outputDim: 3 });
  expect(JSON.parse(metadataOf({ preprocessing }, plain).preprocessing ?? '')).toEqual({
    value_range: [0, 1],
    ...preprocessing,
  });
});

test.each<[string, EncoderFacts]>([
  ['INVALID_OPTION', { preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] } }],
  ['INVALID_OPTION', { preprocessing: { mean: [0], std: [0] } }],
  ['INVALID_OPTION', { preprocessing: { mean: [Number.NaN], std: [1] } }],
  ['INVALID_OPTION', { metadata: { notes: 'x'.repeat(2 ** 16 + 1) } }],
  ['DUPLICATE_NAME', { metadata: { method: 'mine' } }],
])('refuses with %s', (code, facts) => {
  expect(() => metadataOf(facts)).toThrow(expect.objectContaining({ code }));
});

test('reads no metadata from what is no ONNX file', () => {
  const file = exportOnnx(grey, initialise(grey.variables, 1));
  const invalid = expect.objectContaining({ code: 'WEIGHTS_INVALID' });
  expect(() => readOnnxMetadata(file.subarray(0, file.length - 3))).toThrow(invalid);
  expect(() => readOnnxMetadata(new TextEncoder().encode('<html>not found</html>'))).toThrow(invalid);
});
