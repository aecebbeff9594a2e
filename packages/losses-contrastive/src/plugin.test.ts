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
    'align',
    'alignLoss',
    'alignmentLoss',
    'alignmentUniformity',
    'alignmentUniformityLoss',
    'alignmentUniformityTerms',
    'clip',
    'clipLogits',
    'clipLoss',
    'contrastiveRl',
    'contrastiveRlLoss',
    'contrastiveRlScores',
    'contrastiveRlTerms',
    'dcl',
    'dclLoss',
    'dclw',
    'dclwLoss',
    'enqueue',
    'infoNceLoss',
    'maclLoss',
    'minedTripletLoss',
    'moco',
    'mocoLogits',
    'mocoLoss',
    'mocoV3',
    'mocoV3Loss',
    'multiViewNtXentLoss',
    'mutualInformationBound',
    'nearestNeighbours',
    'negativeSampler',
    'nnclr',
    'nnclrLoss',
    'ntXentLoss',
    'oneNegativeNtXentLoss',
    'plugin',
    'queueVariables',
    'readQueue',
    'ressl',
    'resslLoss',
    'siglip',
    'siglipLoss',
    'simCse',
    'simCseLoss',
    'simclr',
    'skipGramLoss',
    'supCon',
    'supConLoss',
    'swav',
    'swavCodes',
    'swavLoss',
    'triplet',
    'tripletLoss',
    'uniformityLoss',
    'writeQueue',
  ]);
});
