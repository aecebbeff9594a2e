import { cpu, registerFusedKernel, tf } from '@unlabel/core';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { dclLoss } from './dcl';
import { ntXentLoss } from './ntXent';

beforeAll(async () => {
  await cpu().open();
});

afterEach(() => {
  if (tf.getKernel('Unlabel:ntXent', 'cpu')) tf.unregisterKernel('Unlabel:ntXent', 'cpu');
});

const random = (seed: number) => tf.randomNormal<tf.Rank.R2>([3, 4], 0, 1, 'float32', seed);

for (const lossOf of [ntXentLoss, dclLoss]) {
  test(`a kernel of the backend takes the place of ${lossOf.name}, but not where its gradient is differentiated`, () => {
    const z1 = random(2);
    const loss = (z: tf.Tensor) => lossOf(tf.reshape(z, [3, 4]), z1, { temperature: 0.5 });
    const steepness = (z: tf.Tensor) => tf.sum(tf.square(tf.grad(loss)(z)));
    const expected = tf.grad(steepness)(random(1)).dataSync();
    expect(Math.max(...expected)).toBeGreaterThan(0.01);
    registerFusedKernel('ntXent', 'cpu', { forward: () => [tf.scalar(3)], backward: () => ({}) });
    expect(loss(random(1)).dataSync()[0]).toBe(3);
    const found = tf.grad(steepness)(random(1)).dataSync();
    for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 4);
  });
}
