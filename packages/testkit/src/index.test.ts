import { expect, test } from 'vitest';
import * as exported from './index';
import { readmeSnippet, runSnippet } from './readmeSnippet';

test('the snippet of the README runs', async () => {
  const printed = await runSnippet(await readmeSnippet(`${import.meta.dirname}/../README.md`), import.meta.dirname);
  expect(printed).toEqual(['all hold']);
});

test('a snippet that fails is reported, and leaves console.log alone', async () => {
  const { log } = console;
  await expect(runSnippet('throw new Error("broken");', import.meta.dirname)).rejects.toThrow('broken');
  expect(console.log).toBe(log);
});

test('exports exactly this', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'assertGolden',
    'augmentationConformance',
    'backendConformance',
    'checkGolden',
    'checkGoldenOn',
    'checkGradients',
    'compareGolden',
    'datasetConformance',
    'evaluatorConformance',
    'expectGradients',
    'findChromium',
    'findGoldenWorkspace',
    'goldenMappingsOf',
    'goldenTable',
    'goldenTrajectory',
    'gradientsOf',
    'inChromium',
    'normalTensor',
    'numberOf',
    'objectiveConformance',
    'objectivePluginConformance',
    'opConformance',
    'parseGolden',
    'readGolden',
    'readGoldenFolder',
    'readGoldenWorkspace',
    'readmeSnippet',
    'refusalOf',
    'repeatedBatch',
    'runGolden',
    'runGoldenOn',
    'runSnippet',
    'sourceSamples',
    'visitFile',
  ]);
});
