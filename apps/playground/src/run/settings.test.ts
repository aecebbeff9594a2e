import { parseConfig } from '@unlabel/cli';
import { inMemory } from '@unlabel/data';
import { expect, test } from 'vitest';
import { assemble } from './assemble';
import { exportedConfig } from './exports';
import { methods } from './registry';
import { configOf, firstSettings, methodSettings, type Settings } from './settings';

const settingsOf = (method: string): Settings => ({ ...firstSettings(), ...methodSettings(method, 'mlp') });

test('there are the methods that learn from images without labels', () => {
  const names = methods().map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['simclr', 'byol', 'simsiam', 'vicreg', 'barlow-twins', 'lejepa', 'dino']),
  );
  expect(names).not.toContain('supcon');
  expect(names).not.toContain('clip');
});

test.each(methods().map(({ name }) => name))(
  '%s: the command line takes the config, and its parts fit together',
  async (method) => {
    const grey = await inMemory([{ data: new Uint8Array(16), height: 4, width: 4, channels: 1 }]);
    const text = await exportedConfig({ ...settingsOf(method), data: 'own' }, grey);
    const { config } = await parseConfig(text, 'config.yaml');
    expect(config.objective).toMatchObject({ name: method });
    const { encoder, views, objective } = await assemble(configOf(settingsOf(method), 1));
    const count = Object.keys(views.outputs).filter((name) => name.startsWith('views/')).length;
    expect(count).toBeGreaterThanOrEqual(objective.views.min);
    expect(count).toBeLessThanOrEqual(objective.views.max ?? count);
    expect(Object.keys(objective.bind(encoder).variables).length).toBeGreaterThan(0);
  },
);

test('the sample of Fashion-MNIST is parted as on the page', async () => {
  const image = { data: new Uint8Array(16), height: 4, width: 4, channels: 1 } as const;
  const whole = { ...(await inMemory([image])), length: 10_000 };
  const { config } = await parseConfig(await exportedConfig(firstSettings(), whole), 'config.yaml');
  expect(config.data).toEqual({ dataset: { name: 'fashion-mnist' }, range: [0, 2000] });
  expect(config.evaluation?.test).toEqual({ range: [9600, 10000] });
});
