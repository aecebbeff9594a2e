import { expect, test } from 'vitest';
import { randomStream } from '../random';
import { kaimingNormal, kaimingUniform, ones, truncatedNormal, xavierUniform, zeros } from './initializers';
import type { Initializer } from './layer';

const kernel = [3, 3, 50, 80]; // fan in 450, fan out 720

function statistics(initializer: Initializer) {
  const values = initializer(kernel, randomStream([1]));
  expect(values).toHaveLength(36_000);
  const std = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  return { std, largest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
}

test.each<[string, Initializer, number, number]>([
  ['kaimingNormal', kaimingNormal(), Math.sqrt(2 / 450), 1],
  ['kaimingNormal by fan out', kaimingNormal({ fan: 'out' }), Math.sqrt(2 / 720), 1],
  ['kaimingUniform', kaimingUniform(), Math.sqrt(2 / 450), Math.sqrt(6 / 450)],
  [
    'kaimingUniform of a linear layer',
    kaimingUniform({ gain: 1 / Math.sqrt(3) }),
    1 / Math.sqrt(3 * 450),
    1 / Math.sqrt(450),
  ],
  ['xavierUniform', xavierUniform, Math.sqrt(2 / (450 + 720)), Math.sqrt(6 / (450 + 720))],
  ['truncatedNormal', truncatedNormal(0.02), 0.02 * 0.8796, 0.04],
])('%s has its standard deviation and bound', (_, initializer, std, bound) => {
  const found = statistics(initializer);
  expect(found.std / std).toBeGreaterThan(0.98);
  expect(found.std / std).toBeLessThan(1.02);
  expect(found.largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
});

test('ones and zeros fill', () => {
  expect(Array.from(ones([2], randomStream([1])))).toEqual([1, 1]);
  expect(Array.from(zeros([2], randomStream([1])))).toEqual([0, 0]);
});
