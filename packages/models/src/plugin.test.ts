import { createRegistry, UnlabelError } from '@unlabel/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as models from './index';
import { plugin } from './plugin';

const registry = createRegistry([plugin]);

test('exports what it says', () => {
  expect(Object.keys(models).sort()).toEqual([
    'mlp',
    'plugin',
    'resnet',
    'resnet18',
    'resnet34',
    'resnet50',
    'vit',
    'vitBase',
    'vitSmall',
    'vitTiny',
  ]);
});

test.each(plugin.definitions.map((definition) => [definition.name, definition] as const))(
  '%s is made for an input shape, and describes its options',
  async (name, definition) => {
    const encoder = await registry.make('encoder', name, { inputShape: [32, 32, 3] });
    expect(encoder.inputShape).toEqual([32, 32, 3]);
    expect(encoder.outputDim).toBeGreaterThan(0);
    expect(Object.keys(encoder.variables).length).toBeGreaterThan(5);
    const { properties = {} } = z.toJSONSchema(definition.options);
    for (const property of Object.values(properties)) expect(property).toHaveProperty('description');
    const missing = await registry.make('encoder', name, {}).catch((reason: unknown) => reason);
    expect(UnlabelError.is(missing, 'INVALID_OPTION')).toBe(true);
  },
);

test('passes options on', async () => {
  const encoder = await registry.encoder('resnet', {
    inputShape: [28, 28, 1],
    blocks: [1, 1, 1],
    widths: [32, 64, 128],
    strides: [2, 2, 2],
    stem: 'small-image',
  });
  expect(encoder.outputDim).toBe(128);
  const { outputDim, variables } = await registry.encoder('vit', {
    inputShape: [28, 28, 1],
    patchSize: 4,
    dim: 64,
    depth: 1,
  });
  expect(outputDim).toBe(64);
  expect(variables).not.toHaveProperty('blocks/1/norm1/scale');
});
