import { beforeAll, expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { lossAndGradients } from './gradients';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

test('differentiates x², lets the extra result out and gives unreachable parameters a zero gradient', () => {
  const before = tf.memory().numTensors;
  const values = tf.tidy(() => {
    const x = tf.tensor1d([1, -2]);
    const unused = tf.ones([3]);
    const result = lossAndGradients(
      () => {
        const squares = tf.square(x);
        return { loss: tf.sum(squares), extra: { squares } };
      },
      { x, unused },
    );
    return [result.loss, result.extra.squares, result.gradients.x, result.gradients.unused].map((tensor) =>
      Array.from(tensor?.dataSync() ?? []),
    );
  });
  expect(values).toEqual([[5], [1, 4], [2, -4], [0, 0, 0]]);
  expect(tf.memory().numTensors).toBe(before);
});

test('lets the loss itself out as a term too', () => {
  const before = tf.memory().numTensors;
  const values = tf.tidy(() => {
    const { loss, extra } = lossAndGradients(
      () => {
        const loss = tf.scalar(3);
        return { loss, extra: { term: loss } };
      },
      { x: tf.scalar(1) },
    );
    return [loss.dataSync()[0], extra.term?.dataSync()[0]];
  });
  expect(values).toEqual([3, 3]);
  expect(tf.memory().numTensors).toBe(before);
});

test('a tensor from outside may be an extra result and outlives the call', () => {
  const state = tf.scalar(3);
  tf.tidy(() => {
    const x = tf.scalar(2);
    const { extra } = lossAndGradients(() => ({ loss: tf.square(x), extra: { state } }), { x });
    expect(extra.state?.dataSync()[0]).toBe(3);
  });
  expect(state.dataSync()[0]).toBe(3);
  state.dispose();
});
