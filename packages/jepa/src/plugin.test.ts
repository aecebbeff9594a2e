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
    'andersonDarling',
    'bhep',
    'comb',
    'cramerVonMises',
    'eppsPulley',
    'henzeVisagie',
    'henzeZirkler',
    'ijepa',
    'ijepaLoss',
    'ijepaTargets',
    'jarqueBera',
    'lejepa',
    'lejepaLoss',
    'lejepaTerms',
    'logNormalCdf',
    'moments',
    'multivariateTests',
    'normalCdf',
    'normalQuantile',
    'orderLikelihood',
    'orderStatistics',
    'plugin',
    'shapiroWilk',
    'sigreg',
    'sliceStatistics',
    'univariateTests',
    'vasicek',
    'vcreg',
    'visreg',
    'visregLoss',
    'visregTerms',
    'vjepaLoss',
    'vjepaRegulariser',
    'watson',
  ]);
});
