import { createRegistry, viewSpecs } from '@unlabel/core';
import { describe, expect, test } from 'vitest';
import { byolViews } from './byolViews';
import { dinoViews } from './dinoViews';
import * as exported from './index';
import { plugin } from './plugin';
import { smallImageViews } from './smallImageViews';

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'affineCrop',
    'byolViews',
    'centreCrop',
    'colourJitter',
    'dinoViews',
    'evaluationView',
    'fashionMnistStatistics',
    'gaussianBlur',
    'grayscale',
    'imageNetStatistics',
    'lejepaViews',
    'plugin',
    'randomResizedCrop',
    'rebuildViewPipeline',
    'simclrViews',
    'smallImageViews',
    'solarize',
    'viewPipeline',
  ]);
});

describe.each(plugin.definitions)('$name', (definition) => {
  const registry = createRegistry([plugin]);

  test('is made from its defaults, and portable', async () => {
    const views = await registry.make('augmentation', definition.name);
    expect(viewSpecs(views).length).toBeGreaterThan(0);
    expect(views.portable).toBeDefined();
  });

  test('refuses an option that it does not know', async () => {
    await expect(registry.make('augmentation', definition.name, { sizes: 28 })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});

test('defaults by name are those of the function', async () => {
  const views = await createRegistry([plugin]).augmentation('small-image', { size: 20 });
  expect(views.portable).toEqual(smallImageViews({ size: 20 }).portable);
  const dino = await createRegistry([plugin]).augmentation('dino', { local: { size: 64 } });
  expect(dino.portable).toEqual(dinoViews({ local: { size: 64 } }).portable);
  const byol = await createRegistry([plugin]).augmentation('byol');
  expect(byol.portable).toEqual(byolViews().portable);
});
