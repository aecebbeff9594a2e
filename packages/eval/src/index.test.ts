import { createRegistry } from '@unlabel/core';
import { expect, test } from 'vitest';
import * as exported from './index';
import { plugin } from './plugin';

test('exports these names', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'adjustedRandIndex',
    'alignment',
    'alignmentEvaluator',
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
    'fewestDirections',
    'fineTune',
    'fineTuneEvaluator',
    'geometryEvaluator',
    'kMeans',
    'kMeansEvaluator',
    'knnEvaluator',
    'knnProtocols',
    'labelledBatches',
    'lidar',
    'lidarEvaluator',
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

test('the collapse monitor comes out of the registry with its options checked', async () => {
  const registry = createRegistry([plugin]);
  expect((await registry.callback('collapse-monitor', { patience: 5 })).name).toBe('collapse-monitor');
  await expect(registry.make('callback', 'collapse-monitor', { patience: -1 })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  });
});
