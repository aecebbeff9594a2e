import { createRegistry } from '@unlabel/core';
import { expect, test } from 'vitest';
import * as exported from './index';
import { plugin } from './plugin';

test('exports these names', () => {
  expect(Object.keys(exported).sort()).toEqual(['plugin', 'tensorflow', 'tensorflowGpu']);
});

test.each(plugin.definitions.map(({ name }) => name))(
  'the registry makes %s, which says whether it can run',
  async (name) => {
    const backend = await createRegistry([plugin]).make('backend', name);
    expect(backend.name).toBe(name);
    const availability = await backend.probe();
    const said = availability.available ? availability.detail : `${availability.reason} ${availability.fix}`;
    expect(said).toMatch(availability.available ? /libtensorflow/ : /npm install|npm rebuild|CUDA|Node/);
  },
);
