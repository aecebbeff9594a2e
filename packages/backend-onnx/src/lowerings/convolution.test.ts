import { hostTensor, lossAndGradients, randomStream, type Step, sizeOf, tf } from '@unlabel/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { disagreements, onBoth } from '../againstEager';

const stream = randomStream([5, 'convolution.test']);
const normal = (shape: readonly number[]) =>
  hostTensor(
    Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()),
    shape,
  );

interface Geometry {
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly pad: 'same' | 'valid' | number;
}

const geometries = fc.record({
  size: fc.tuple(fc.integer({ min: 4, max: 7 }), fc.integer({ min: 4, max: 7 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1),
});

async function expectAgreement(step: Step, shapes: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, normal(shape)]));
  const { eager, onnx } = await onBoth({ step, inputs });
  expect(disagreements(eager.outputs[0] ?? {}, onnx.outputs[0] ?? {}, 1e-5)).toEqual([]);
}

/** The result of `compute`, and the gradients of a sum of its sines. */
function valueAndGradients(compute: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor): Step {
  return ({ inputs }) => {
    const results = () => compute(four(inputs.x), four(inputs.filter ?? inputs.x));
    const { gradients } = lossAndGradients(() => ({ loss: tf.sum(tf.sin(results())), extra: {} }), inputs);
    return { outputs: { result: results(), ...gradients } };
  };
}

/** tfjs wants a rounding for padding in pixels, and none otherwise. */
function roundingFor(pad: Geometry['pad']): 'floor' | undefined {
  return typeof pad === 'number' ? 'floor' : undefined;
}

function four(tensor: tf.Tensor | undefined): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = tensor?.shape ?? [];
  return tf.reshape(tensor ?? tf.zeros([1, 1, 1, 1]), [a, b, c, d]);
}

test('convolutions and their gradients agree for all strides and paddings', async () => {
  const property = fc.asyncProperty(geometries, ({ size, kernel, stride, pad }: Geometry) => {
    const step = valueAndGradients((x, filter) => tf.conv2d(x, filter, stride, pad, 'NHWC', 1, roundingFor(pad)));
    return expectAgreement(step, { x: [2, ...size, 2], filter: [...kernel, 2, 3] });
  });
  await fc.assert(property, { numRuns: 25, seed: 1 });
});

test('padding in pixels that tfjs miscounts along rows is refused, not computed otherwise', async () => {
  const strided = (strides: [number, number]): Step => {
    return ({ inputs }) => ({
      outputs: { result: tf.conv2d(four(inputs.x), four(inputs.filter), strides, 1, 'NHWC', 1, 'floor') },
    });
  };
  const shapes = { x: [2, 6, 6, 2], filter: [3, 3, 2, 3] };
  await expectAgreement(strided([2, 2]), shapes);
  await expect(expectAgreement(strided([2, 1]), shapes)).rejects.toMatchObject({ code: 'CAPTURE_UNSUPPORTED_OP' });
});

test('dilated convolutions agree; tfjs has no gradient for them', async () => {
  const step: Step = ({ inputs }) => ({
    outputs: { result: tf.conv2d(four(inputs.x), four(inputs.filter), 1, 'same', 'NHWC', 2) },
  });
  await expectAgreement(step, { x: [2, 6, 5, 2], filter: [3, 3, 2, 3] });
});

test('poolings and their gradients agree for all strides', async () => {
  const property = fc.asyncProperty(geometries, fc.boolean(), ({ size, kernel, stride, pad }: Geometry, largest) => {
    const step = valueAndGradients((x) =>
      largest && typeof pad !== 'number'
        ? tf.maxPool(x, [...kernel], stride, pad)
        : tf.avgPool(x, [...kernel], stride, 'valid'),
    );
    return expectAgreement(step, { x: [2, ...size, 3] });
  });
  await fc.assert(property, { numRuns: 15, seed: 1 });
});

test('an average at the border counts the pixels inside, and so does its gradient', async () => {
  const step: Step = ({ inputs }) => {
    const average = () => tf.avgPool(four(inputs.x), [1, 2], 1, 'same');
    const { gradients } = lossAndGradients(() => ({ loss: tf.sum(average()), extra: {} }), inputs);
    return { outputs: { average: average(), ...gradients } };
  };
  const { onnx } = await onBoth({ step, inputs: { x: hostTensor(Float32Array.of(2, 6), [1, 1, 2, 1]) } });
  // (x₀ + x₁)/2 and x₁; tfjs's own gradient divides both by 2
  expect(Array.from(onnx.outputs[0]?.average?.data ?? [])).toEqual([4, 6]);
  expect(Array.from(onnx.outputs[0]?.x?.data ?? [])).toEqual([0.5, 1.5]);
});

test('images keep their order through joins, slices, padding, sums and reshapes', async () => {
  const step = valueAndGradients((x, filter) => {
    const maps = tf.conv2d(x, filter, 1, 'same');
    const joined = tf.concat([maps, tf.relu(maps)], 3);
    const parts = tf.split(
      tf.pad(joined, [
        [0, 0],
        [1, 0],
        [0, 2],
        [0, 0],
      ]),
      2,
      0,
    );
    const halves = parts.map((part) => tf.sub(part, tf.mean(part, [1, 2], true)));
    const rows = tf.reshape(
      tf.conv2d(
        four(tf.concat(halves, 0)),
        tf.pad(filter, [
          [0, 0],
          [0, 0],
          [0, 4],
          [0, 0],
        ]),
        2,
        'same',
      ),
      [2, -1],
    );
    return tf.matMul(tf.mul(rows, 1e-3), rows, false, true);
  });
  await expectAgreement(step, { x: [2, 5, 6, 2], filter: [3, 3, 2, 3] });
});
