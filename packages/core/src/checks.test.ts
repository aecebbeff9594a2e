import { expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { requirePositive } from './checks';
import { tf } from './tf';

test('refuses 0, what is below and what is no number, by name, and takes scalar tensors as they are', async () => {
  await cpu().open();
  expect(() => requirePositive({ temperature: 0.1, epsilon: 1e-8, scale: tf.scalar(-1) })).not.toThrow();
  expect(() => requirePositive({ temperature: 0 })).toThrow('temperature is 0.');
  expect(() => requirePositive({ margin: -1 })).toThrow('margin is -1.');
  expect(() => requirePositive({ scale: Number.NaN })).toThrow('scale is NaN.');
});
