import { beforeAll, expect, test } from 'vitest';
import { cpu } from '../backends/cpu';
import { tf } from '../tf';
import { clipByGlobalNorm } from './clip';

beforeAll(async () => {
  await cpu().open();
});

/** Of norm 5 together. */
const gradientsOfFive = () => ({ kernel: tf.tensor2d([[3, 0]]), bias: tf.tensor1d([4]) });

test('scales all gradients together to the largest norm, and reports the norm before', () => {
  const { gradients: clipped, norm } = clipByGlobalNorm(gradientsOfFive(), 1);
  expect(norm.dataSync()[0]).toBe(5);
  expect(clipped.kernel?.dataSync()[0]).toBeCloseTo(0.6, 5);
  expect(clipped.bias?.dataSync()[0]).toBeCloseTo(0.8, 5);
});

test('leaves gradients below it, and all without it, as they are', () => {
  const { gradients: below } = clipByGlobalNorm(gradientsOfFive(), 10);
  expect(Array.from(below.kernel?.dataSync() ?? [])).toEqual([3, 0]);
  const gradients = gradientsOfFive();
  expect(clipByGlobalNorm(gradients).gradients).toBe(gradients);
});

test('is finite where every gradient is 0, and where there is none', () => {
  const { gradients: clipped, norm } = clipByGlobalNorm({ kernel: tf.zeros([2]) }, 1);
  expect(Array.from(clipped.kernel?.dataSync() ?? [])).toEqual([0, 0]);
  expect(norm.dataSync()[0]).toBe(0);
  expect(clipByGlobalNorm({}, 1).norm.dataSync()[0]).toBe(0);
});
