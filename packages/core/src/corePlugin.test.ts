import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cpu } from './backends/cpu';
import { corePlugin } from './corePlugin';
import { UnlabelError } from './errors';
import { createRegistry } from './registry';
import { tf } from './tf';

const registry = createRegistry([corePlugin]);

beforeAll(async () => {
  await cpu().open();
});

describe.each(
  corePlugin.definitions.map((definition) => [`${definition.kind} ${definition.name}`, definition] as const),
)('%s', (_, definition) => {
  test('is made with its defaults and carries its own name', async () => {
    const product = await registry.make(definition.kind, definition.name);
    expect(product).toMatchObject({ name: definition.name });
  });

  test('refuses an option that it does not have, and describes those that it has', async () => {
    const error = await registry.make(definition.kind, definition.name, { no: 1 }).catch((reason: unknown) => reason);
    expect(UnlabelError.is(error, 'INVALID_OPTION')).toBe(true);
    const { properties = {} } = z.toJSONSchema(definition.options);
    for (const property of Object.values(properties)) expect(property).toHaveProperty('description');
  });
});

test('decayVectors makes an optimizer shrink biases too', async () => {
  const biasAfter = async (decayVectors: boolean) => {
    const optimizer = await registry.optimizer('sgd', { weightDecay: 1, momentum: 0, decayVectors });
    const { parameters } = optimizer.update({
      parameters: { bias: tf.ones([1]) },
      gradients: { bias: tf.zeros([1]) },
      slots: { 'momentum/bias': tf.zeros([1]) },
      learningRate: tf.scalar(0.5),
      weightDecayScale: tf.scalar(1),
      step: tf.scalar(0),
    });
    return parameters.bias?.dataSync()[0];
  };
  expect(await biasAfter(false)).toBe(1);
  expect(await biasAfter(true)).toBe(0.5);
});
