import { createRegistry, viewSpecs } from '@unlabel/core';
import { describe, expect, test } from 'vitest';
import { byolViews } from './byolViews';
import { dinoViews } from './dinoViews';
import * as exported from './index';
import { lejepaViews } from './lejepaViews';
import { mocoV2Views } from './mocoV2Views';
import { plugin } from './plugin';
import { simclrViews } from './simclrViews';
import { smallImageViews } from './smallImageViews';
import { swavViews } from './swavViews';
import { vicreglViews } from './vicreglViews';

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'affineCrop',
    'audioViews',
    'bertViews',
    'blockMask',
    'byolViews',
    'byteTokenizer',
    'centreCrop',
    'clipViews',
    'colaViews',
    'colourJitter',
    'contactSheet',
    'contrieverViews',
    'countWords',
    'declutrViews',
    'dinoViews',
    'displayedViews',
    'edaViews',
    'equalize',
    'erasing',
    'evaluationView',
    'fashionMnistStatistics',
    'featureDropout',
    'frequencyMask',
    'gain',
    'gaussianBlur',
    'grayscale',
    'huggingFaceTokenizer',
    'imageNetStatistics',
    'jitter',
    'lejepaViews',
    'logMel',
    'magnitudeScaling',
    'maskDraws',
    'mocoV2Views',
    'multiBlockDraws',
    'multiBlockMask',
    'multiBlockSizes',
    'pairViews',
    'plugin',
    'polarityInversion',
    'posterize',
    'preprocessingOf',
    'randomMask',
    'randomMaskDraws',
    'randomResizedCrop',
    'readRowTable',
    'rebuildBertViews',
    'rebuildDeclutrViews',
    'rebuildPairViews',
    'rebuildRowPipeline',
    'rebuildSeriesPipeline',
    'rebuildTextPipeline',
    'rebuildViewPipeline',
    'rotation',
    'rowNoise',
    'rowNormalisation',
    'rowPipeline',
    'rowViews',
    'scarfCorruption',
    'scarfViews',
    'segmentPermutation',
    'seriesPipeline',
    'seriesViews',
    'simclrViews',
    'simcseViews',
    'smallImageViews',
    'solarize',
    'spanMask',
    'standardisation',
    'swavViews',
    'textPipeline',
    'textSpanMask',
    'timeMask',
    'timeShift',
    'tubeMask',
    'tubeMaskDraws',
    'unitMask',
    'vicreglViews',
    'viewPipeline',
    'vimeCorruption',
    'vimeViews',
    'whiteNoise',
    'wordCrop',
    'wordDeletion',
    'wordSwap',
    'wordTokenizer',
  ]);
});

/** What some cannot be made without. */
const needed: Readonly<Record<string, object>> = {
  rows: { features: 6 },
  scarf: { reference: [[1, 2, 3]] },
  vime: { reference: [[1, 2, 3]] },
};

describe.each(plugin.definitions)('$name', (definition) => {
  const registry = createRegistry([plugin]);

  test('is made from its defaults, and portable', async () => {
    const views = await registry.make('augmentation', definition.name, needed[definition.name]);
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
  const registry = createRegistry([plugin]);
  expect((await registry.augmentation('simclr')).portable).toEqual(simclrViews().portable);
  expect((await registry.augmentation('moco-v2')).portable).toEqual(mocoV2Views().portable);
  expect((await registry.augmentation('swav')).portable).toEqual(swavViews().portable);
  expect((await registry.augmentation('lejepa')).portable).toEqual(lejepaViews().portable);
  expect((await registry.augmentation('vicregl')).portable).toEqual(vicreglViews().portable);
});

test('the recipe of MoCo v3 is BYOL’s', async () => {
  expect((await createRegistry([plugin]).augmentation('moco-v3')).portable).toEqual(byolViews().portable);
});

test('recipes for small images have views of 32 pixels, and never blur them', async () => {
  const small = plugin.definitions.filter(({ name }) => name.endsWith('-small'));
  expect(small.length).toBe(7);
  for (const { name } of small) {
    const views = await createRegistry([plugin]).make('augmentation', name, { channels: 1 });
    expect(viewSpecs(views).map(({ shape }) => shape)).toEqual([
      [32, 32, 1],
      [32, 32, 1],
    ]);
    expect(JSON.stringify(views.portable)).toMatch(/"gaussianBlur","options":\{[^}]*"probability":0\}/);
    expect(JSON.stringify(views.portable)).not.toMatch(/"gaussianBlur","options":\{[^}]*"probability":0?\.?[1-9]/);
  }
});
