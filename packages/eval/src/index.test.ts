import { createRegistry, type LabelledFeatures } from '@unlabel/core';
import { expect, test } from 'vitest';
import * as exported from './index';
import { plugin } from './plugin';

test('exports these names', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'adjustedRandIndex',
    'alignment',
    'alphaReq',
    'bestCheckpoint',
    'classifierOf',
    'clusteringAccuracy',
    'collapseFigures',
    'collapseMonitor',
    'collapseVerdict',
    'confusionMatrix',
    'covarianceSpectrum',
    'crossEntropyLoss',
    'directionsCarrying',
    'featureStd',
    'fewShot',
    'fewShotCurve',
    'fewShotEvaluator',
    'fineTune',
    'fineTuneEvaluator',
    'geometryEvaluator',
    'kMeans',
    'kMeansEvaluator',
    'knnEvaluator',
    'knnProtocols',
    'labelledBatches',
    'lidar',
    'linearCka',
    'linearProbe',
    'linearProbeEvaluator',
    'meanClassAccuracy',
    'meanInterval',
    'nearestNeighbours',
    'nearestSamples',
    'normalisedMutualInformation',
    'onlineKnn',
    'onlineProbe',
    'pcaMap',
    'perClassAccuracy',
    'plugin',
    'rankMe',
    'rankMeEvaluator',
    'renderReport',
    'reportFigures',
    'retrieval',
    'retrievalEvaluator',
    'sgdProbe',
    'sgdProbeEvaluator',
    'similarityCorrelation',
    'singularValues',
    'softmaxRegression',
    'standardError',
    'standardiser',
    'supervised',
    'supervisedBaseline',
    'supervisedEvaluator',
    'top1Accuracy',
    'topkAccuracy',
    'transfer',
    'umapMap',
    'uniformity',
    'weightedKnn',
    'wilsonInterval',
    'zeroShot',
    'zeroShotEvaluator',
  ]);
});

const corners = (phase: number): LabelledFeatures => ({
  features: Float32Array.from(
    { length: 120 },
    (_, at) => Math.sin(at + phase) + (at % 2 === Math.floor(at / 2) % 2 ? 2 : 0),
  ),
  count: 60,
  dim: 2,
  labels: Int32Array.from({ length: 60 }, (_, row) => row % 2),
  classes: 2,
});

const evaluators = plugin.definitions.filter((definition) => definition.kind === 'evaluator');

test.each(evaluators.map(({ name }) => name))('%s measures with its default options', async (name) => {
  const evaluator = await createRegistry([plugin]).make('evaluator', name);
  if (evaluator.trainsNetwork) {
    const refused = evaluator.evaluate(corners(0), corners(0.1), 0);
    return expect(refused).rejects.toMatchObject({ code: 'NETWORK_MISSING' }); // fineTuneEvaluator.test.ts has the rest
  }
  const figures = await evaluator.evaluate(corners(0), corners(0.1), 0);
  expect(evaluator.name).toBe(name);
  expect(Object.values(figures).every(Number.isFinite)).toBe(true);
  expect(figures.accuracy ?? 1).toBeGreaterThan(0.8);
});

test('the collapse monitor comes out of the registry with its options checked', async () => {
  const registry = createRegistry([plugin]);
  expect((await registry.callback('collapse-monitor', { patience: 5 })).name).toBe('collapse-monitor');
  await expect(registry.make('callback', 'collapse-monitor', { patience: -1 })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  });
});
