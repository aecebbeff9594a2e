import {
  cpu,
  hostTensor,
  initialise,
  layerContext,
  lossAndGradients,
  randomStream,
  type StepSignature,
  sizeOf,
  tf,
} from '@unlabel/core';
import { resnet } from '@unlabel/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { disagreements, type StepCase, traceOn } from '../againstEager';
import { captureStep } from '../capture/captureStep';
import { explain } from '../explain/explain';
import { onnx } from '../onnx';

const stream = randomStream([7, 'blockedImages.test']);

interface Network {
  readonly inputShape: readonly [number, number, number];
  readonly widths: readonly number[];
  readonly strides: readonly number[];
}

/** The loss of a ResNet's features and the gradients of its parameters and images. */
function gradients({ inputShape, widths, strides }: Network): Required<Omit<StepCase, 'runs'>> {
  const encoder = resnet({ inputShape, stem: 'small-image', blocks: [1, 1], widths, strides });
  const shape = [3, ...inputShape];
  return {
    step: ({ state, inputs: { images = tf.zeros(shape) }, random }) => {
      const { loss, gradients } = lossAndGradients(
        () => {
          const { context } = layerContext(state, { training: true, random });
          return { loss: tf.sum<tf.Scalar>(tf.sin(encoder.apply(images, context))), extra: {} };
        },
        { images, ...Object.fromEntries(Object.entries(state).filter(([name]) => encoder.variables[name]?.trainable)) },
      );
      return { outputs: { loss, ...gradients } };
    },
    state: initialise(encoder.variables, 3),
    inputs: { images: hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape) },
  };
}

const networks: fc.Arbitrary<Network> = fc.record({
  inputShape: fc.tuple(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 10, max: 21 }), fc.constantFrom(1, 3, 16)),
  widths: fc.constantFrom([16, 16], [16, 32], [32, 24], [12, 16]),
  strides: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 2 }),
});

test('the gradients of ResNets agree with the eager ones, for widths in blocks and others, odd sizes and strides', async () => {
  const property = fc.asyncProperty(networks, async (network) => {
    const stepCase = gradients(network);
    const [eager, captured] = await Promise.all([
      traceOn(cpu(), stepCase),
      traceOn(onnx({ threads: 2, thread: 'main' }), stepCase),
    ]);
    const significant = Object.entries(eager.outputs[0] ?? {}).filter(
      ([, { data }]) => Math.max(...data.map(Math.abs)) > 1e-3,
    );
    expect(disagreements(Object.fromEntries(significant), captured.outputs[0] ?? {}, 1e-4)).toEqual([]);
  });
  await fc.assert(property, { numRuns: 10, seed: 2 });
});

const inBlocks = gradients({ inputShape: [6, 20, 3], widths: [16, 32], strides: [1, 2] });
const signature: StepSignature = { state: inBlocks.state, inputs: inBlocks.inputs };

test('every convolution is one of images in blocks, and the gradients of their filters read these where they are', () => {
  const operators = Object.entries(explain(inBlocks.step, signature, { imageBlock: 16 }).after.operators);
  const count = (name: string) => new Map(operators).get(name)?.nodes ?? 0;
  const filters = Object.values(inBlocks.state).filter(({ shape }) => shape.length === 4).length;
  expect(count('Conv')).toBe(filters + 1); // the gradient of the images themselves, which have three channels
  expect(count('nchwc.Conv')).toBeGreaterThan(12);
  expect(count('nchwc.ReorderInput')).toBeLessThan(3);
});

test('without blocks, or with channels that do not fill them, images stay in order', () => {
  const text = (imageBlock: number) =>
    new TextDecoder().decode(captureStep(inBlocks.step, signature, { imageBlock }).model);
  expect(text(16)).toContain('com.microsoft.nchwc');
  expect(text(1)).not.toContain('com.microsoft.nchwc');
  expect(text(64)).not.toContain('ReorderInput');
});
