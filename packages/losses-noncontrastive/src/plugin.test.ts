import { objectivePluginConformance, readmeSnippet, runSnippet } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import * as exported from './index';
import { plugin } from './plugin';

for (const { name, run } of await objectivePluginConformance(plugin)) test(name, run);

test('the snippet of the README runs', async () => {
  const printed = await runSnippet(await readmeSnippet(`${import.meta.dirname}/../README.md`), import.meta.dirname);
  expect(printed.length).toBeGreaterThan(0);
});

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'barlowTwins',
    'barlowTwinsLoss',
    'barlowTwinsTerms',
    'byol',
    'byolLoss',
    'capiLoss',
    'crossCorrelation',
    'dino',
    'dinoHead',
    'dinoLoss',
    'dinov2',
    'dinov2Loss',
    'dinov2Terms',
    'directClr',
    'directClrLoss',
    'empSsl',
    'empSslLoss',
    'empSslTerms',
    'frossl',
    'frosslLoss',
    'frosslTerms',
    'ibot',
    'ibotLoss',
    'ibotPatchLoss',
    'ibotTerms',
    'koleoLoss',
    'mmcr',
    'mmcrLoss',
    'mmcrTerms',
    'msn',
    'msnLoss',
    'msnTargets',
    'msnTerms',
    'negativeCosine',
    'nuclearNorm',
    'plugin',
    'pmsn',
    'pmsnLoss',
    'pmsnTerms',
    'simsiam',
    'simsiamLoss',
    'tico',
    'ticoLoss',
    'updatedCenter',
    'vibcreg',
    'vibcregLoss',
    'vibcregTerms',
    'vicreg',
    'vicregLoss',
    'vicregTerms',
    'vicregl',
    'vicreglLoss',
    'vicreglTerms',
    'wMse',
    'wMseLoss',
    'whiten',
    'whitening',
  ]);
});
