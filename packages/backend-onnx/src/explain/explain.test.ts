import { lossAndGradients, type Step, type StepSignature, tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { explain } from './explain';

/** A convolution, batch statistics and a ReLU, with gradients: something for every pass to do. */
const step: Step = ({ state, inputs }) => {
  const images = tf.reshape<tf.Rank.R4>(inputs.images ?? tf.zeros([1]), [4, 16, 16, 2]);
  const kernel = tf.reshape(state.kernel ?? tf.zeros([1]), [3, 3, 2, 3]);
  const { loss, gradients } = lossAndGradients(
    () => {
      const maps = tf.conv2d(images, tf.reshape(state.kernel ?? kernel, [3, 3, 2, 3]), 1, 'same');
      const { mean, variance } = tf.moments(maps, [0, 1, 2]);
      const normalised = tf.mul(tf.sub(maps, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return { loss: tf.mean(tf.square(tf.relu(normalised))), extra: {} };
    },
    { kernel: state.kernel ?? kernel },
  );
  return { outputs: { loss }, state: { kernel: tf.sub(state.kernel ?? kernel, gradients.kernel ?? 0) } };
};
const signature: StepSignature = {
  state: { kernel: { dtype: 'float32', shape: [3, 3, 2, 3] } },
  inputs: { images: { dtype: 'float32', shape: [4, 16, 16, 2] } },
};

test('counts nodes before any pass, after each, and after all', () => {
  const { before, passes, after } = explain(step, signature);
  expect(passes[0]?.name).toBe('splats');
  expect(passes.find(({ name }) => name === 'imageLayout')?.operators.Transpose?.nodes).toBeLessThan(
    before.operators.Transpose?.nodes ?? 0,
  );
  expect(after.nodes).toBeLessThan(before.nodes);
  expect(after.read + after.written).toBeLessThan(before.read + before.written);
  expect(Object.values(after.operators).reduce((sum, { nodes }) => sum + nodes, 0)).toBe(after.nodes);
});

test('a convolution forward costs 2 · outputs · taps operations', () => {
  const { before } = explain(({ inputs }) => {
    const images = tf.reshape<tf.Rank.R4>(inputs.images ?? tf.zeros([1]), [4, 16, 16, 2]);
    return { outputs: { maps: tf.conv2d(images, tf.zeros<tf.Rank.R4>([3, 3, 2, 3]), 1, 'same') } };
  }, signature);
  expect(before.operators.Conv?.flops).toBe(2 * (4 * 16 * 16 * 3) * (3 * 3 * 2));
});

test('what is left out does not show, and makes the graph larger', () => {
  const whole = explain(step, signature);
  const without = explain(step, signature, { without: ['imageLayout', 'simplify'] });
  expect(without.passes.map(({ name }) => name)).not.toContain('imageLayout');
  expect(without.passes.map(({ name }) => name)).not.toContain('simplify');
  expect(without.after.written).toBeGreaterThan(whole.after.written);
});

test('prints a table, and the graph that was asked for with calls and lines of the step', () => {
  const { text } = explain(step, signature);
  expect(text).toMatch(/^pass +nodes +GFLOP +MB moved +ms +what it did\n\(before\)/);
  expect(text).toMatch(/^deadCode +\d+ .*−\d+ /m);
  expect(text).not.toContain('%0');
  const printed = String(explain(step, signature, { print: 'after' }));
  expect(printed).toMatch(
    /^%\d+ float32\[\S+\] = Conv\[strides 1 1 1;.*\(%\d+ float32\[\S+\], .*\) \S+ GFLOP \S+ MB {2}from tf\.conv2d \(Conv2D\) at explain\.test\.ts:\d+:\d+$/m,
  );
  expect(printed).toMatch(/^output\/loss = %\d+$/m);
});

test('keeps to standard operators when asked', () => {
  const standard = explain(step, signature, { portable: true });
  expect(standard.after.operators.FusedMatMul).toBeUndefined();
  expect(explain(step, signature).after.operators.FusedMatMul?.nodes).toBe(1);
  expect(standard.passes.map(({ name }) => name)).not.toContain('scaleAndShift');
});

test('prints the graph that one pass left', () => {
  const before = explain(step, signature, { print: 'before' }).text;
  const after = explain(step, signature, { print: 'reluGradients' }).text;
  expect(before).not.toContain('HardSigmoid[');
  expect(after).toContain('HardSigmoid[');
});

test('a pass that does not exist is refused', () => {
  const options = JSON.parse('{ "print": "simplfy" }');
  expect(() => explain(step, signature, options)).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
});
