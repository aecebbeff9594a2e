import { readFileSync } from 'node:fs';
import { cpu, lossAndGradients, type Step, tf } from '@unlabel/core';
import { beforeAll, expect, test } from 'vitest';
import { recordStep } from './capture/recordStep';

beforeAll(async () => {
  await cpu().open();
});

/** The error of capturing the gradient of `op`. */
function gradientRefusal(op: (x: tf.Tensor) => tf.Tensor): unknown {
  const step: Step = ({ inputs }) => {
    const { x = tf.zeros([2, 3]) } = inputs;
    const { loss } = lossAndGradients(() => ({ loss: tf.sum(op(x)), extra: {} }), { x });
    return { outputs: { loss } };
  };
  try {
    recordStep(step, { state: {}, inputs: { x: { dtype: 'float32', shape: [2, 3] } } });
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The line of this file that ends with a comment. */
function lineOf(comment: string): number {
  return (
    readFileSync(import.meta.filename, 'utf8')
      .split('\n')
      .findIndex((line) => line.endsWith(comment)) + 1
  );
}

test('a refused kernel in a gradient is reported with the op, and the line that called it', () => {
  const own = tf.getGradient('Sinh');
  tf.unregisterGradient('Sinh');
  tf.registerGradient({
    kernelName: 'Sinh',
    inputsToSave: ['x'],
    gradFunc: (dy) => ({ x: () => tf.unique(asOne(dy)).values }),
  });
  const error = gradientRefusal((x) => tf.square(tf.sinh(tf.neg(x)))); // the forward line
  tf.unregisterGradient('Sinh');
  if (own) tf.registerGradient(own);
  expect(error).toMatchObject({
    code: 'CAPTURE_UNSUPPORTED_OP',
    message: expect.stringContaining('The gradient of tf.sinh needs the tfjs kernel Unique'),
  });
  const line = lineOf('// the forward line');
  expect(error).toMatchObject({ message: expect.stringContaining(`gradientRefusals.test.ts:${line}:`) });
});

function asOne(dy: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(dy) ? tf.addN(dy) : dy;
}

test('gradients that tfjs lacks are reported with the op and its line', () => {
  const error = gradientRefusal((x) => tf.topk(x, 2).values); // no gradient
  const line = lineOf('// no gradient');
  expect(error).toMatchObject({
    code: 'CAPTURE_UNSUPPORTED_OP',
    message: expect.stringMatching(/tf\.topk \(tfjs kernel TopK\) has no gradient in tfjs/),
  });
  expect(error).toMatchObject({ message: expect.stringContaining(`gradientRefusals.test.ts:${line}:`) });
});

test('so are those that tfjs refuses', () => {
  const convolved = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, 1, 'same', 'NHWC', 2); // dilated
  const error = gradientRefusal((x) => convolved(tf.reshape(x, [1, 2, 3, 1]), tf.ones([1, 2, 1, 1])));
  const line = lineOf('// dilated');
  expect(error).toMatchObject({
    code: 'CAPTURE_UNSUPPORTED_OP',
    message: expect.stringMatching(/The gradient of tf\.conv2d cannot be computed, at .*dilation rates/),
  });
  expect(error).toMatchObject({ message: expect.stringContaining(`gradientRefusals.test.ts:${line}:`) });
});

test('errors outside of gradients, and gradients that work, stay as they are', () => {
  expect(gradientRefusal((x) => tf.tanh(x))).toBeUndefined();
  const mine = new RangeError('no gradient of mine');
  expect(
    gradientRefusal(() => {
      throw mine;
    }),
  ).toBe(mine);
  expect(tf.getGradient('Tanh').gradFunc.name).not.toBe('');
});
