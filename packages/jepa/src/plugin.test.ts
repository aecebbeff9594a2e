import { createRegistry } from '@unlabel/core';
import { objectiveConformance, readmeSnippet, runSnippet } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import * as exported from './index';
import { plugin } from './plugin';

const registry = createRegistry([plugin]);

/** Small heads, where the paper's would take minutes here. */
const small: Readonly<Record<string, object>> = { lejepa: { projector: [16, 4], slices: 16 } };

for (const { name } of plugin.definitions) {
  describe(name, async () => {
    const objective = await registry.make('objective', name, small[name]);
    for (const { name: requirement, run } of objectiveConformance(objective)) test(requirement, run);
  });
}

test.each(plugin.definitions)(
  '$name is made by name with the paper’s options, and refuses others',
  async ({ name }) => {
    expect(await registry.make('objective', name)).toMatchObject({ name });
    await expect(registry.make('objective', name, { projector: [0] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  },
);

test('the snippet of the README runs', async () => {
  const printed = await runSnippet(await readmeSnippet(`${import.meta.dirname}/../README.md`), import.meta.dirname);
  expect(printed.length).toBeGreaterThan(0);
});

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'eppsPulley',
    'lejepa',
    'lejepaLoss',
    'lejepaTerms',
    'plugin',
    'sigreg',
  ]);
});
