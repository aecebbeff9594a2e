import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Objective } from './objective';
import { define, definePlugin } from './plugin';
import { createRegistry, nearestName } from './registry';

const objective = (name: string): Objective => ({
  name,
  views: { min: 2 },
  minBatch: 2,
  bind: () => ({
    variables: {},
    loss: () => {
      throw new Error('never run');
    },
  }),
});

const contrastive = definePlugin('contrastive', [
  define({
    kind: 'objective',
    name: 'simclr',
    summary: 'NT-Xent',
    options: z.strictObject({ temperature: z.number().positive().default(0.5) }),
    load: async () => (options) => objective(`simclr at ${options.temperature}`),
  }),
]);

const noncontrastive = definePlugin('noncontrastive', [
  define({
    kind: 'objective',
    name: 'vicreg',
    summary: 'VICReg',
    options: z.strictObject({}),
    load: async () => () => objective('vicreg'),
  }),
]);

test('makes products by name, with defaults filled in', async () => {
  const registry = createRegistry([contrastive, noncontrastive]);
  expect((await registry.objective('simclr')).name).toBe('simclr at 0.5');
  expect((await registry.objective('simclr', { temperature: 0.2 })).name).toBe('simclr at 0.2');
  expect((await registry.make('objective', 'vicreg')).name).toBe('vicreg');
});

test('nests: a registry made of another has its definitions', () => {
  const inner = createRegistry([contrastive]);
  const outer = createRegistry([...inner.plugins, noncontrastive]);
  expect(outer.definitions('objective').map((definition) => definition.name)).toEqual(['simclr', 'vicreg']);
  expect(outer.definitions('encoder')).toEqual([]);
});

test('an unknown name gets the nearest one', async () => {
  const registry = createRegistry([contrastive, noncontrastive]);
  await expect(registry.make('objective', 'simlcr')).rejects.toMatchObject({
    code: 'UNKNOWN_NAME',
    fix: "Did you mean 'simclr'?",
  });
  await expect(registry.make('encoder', 'resnet')).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
});

test('wrong and unknown options are named', async () => {
  const registry = createRegistry([contrastive]);
  await expect(registry.make('objective', 'simclr', { temperature: 'hot' })).rejects.toThrow(/temperature/);
  await expect(registry.make('objective', 'simclr', { tau: 1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('two definitions of one name and one of another contract are refused with the way out', () => {
  expect(() => createRegistry([contrastive, { ...contrastive, name: 'copy' }])).toThrowError(
    expect.objectContaining({ code: 'DUPLICATE_NAME', message: expect.stringContaining('contrastive and copy') }),
  );
  const [definition] = contrastive.definitions;
  const future = JSON.parse('{ "contract": 2 }');
  expect(() => createRegistry([{ name: 'future', definitions: [{ ...definition, ...future }] }])).toThrowError(
    expect.objectContaining({ code: 'CONTRACT_UNSUPPORTED', fix: 'Upgrade @unlabel/core.' }),
  );
});

test('the nearest name is near', () => {
  expect(nearestName('learningrate', ['learningRate', 'epochs'])).toBe('learningRate');
  expect(nearestName('zzz', ['learningRate', 'epochs'])).toBeUndefined();
});
