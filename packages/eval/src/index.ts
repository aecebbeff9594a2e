export {
  confusionMatrix,
  type Interval,
  meanClassAccuracy,
  perClassAccuracy,
  standardError,
  top1Accuracy,
  topkAccuracy,
  wilsonInterval,
} from './accuracy';
export type { SplitOptions } from './admit';
export {
  type AlignmentEvaluatorOptions,
  type AlignmentOptions,
  alignment,
  alignmentEvaluator,
  type UniformityOptions,
  uniformity,
} from './alignmentUniformity';
export { type AlphaReqOptions, alphaReq } from './alphaReq';
export { type BestCheckpointOptions, bestCheckpoint } from './bestCheckpoint';
export type { Classification } from './classification';
export { type CrossEntropyOptions, classifierOf, crossEntropyLoss, supervised } from './classifier';
export {
  adjustedRandIndex,
  clusteringAccuracy,
  type KMeansEvaluatorOptions,
  kMeansEvaluator,
  normalisedMutualInformation,
} from './clustering';
export {
  type CollapseFigures,
  type CollapseVerdict,
  type CollapseVerdictOptions,
  collapseFigures,
  collapseVerdict,
  type GeometryEvaluatorOptions,
  geometryEvaluator,
} from './collapse';
export { type CollapseMonitorOptions, collapseMonitor, fewestDirections, type HeldOutInputs } from './collapseMonitor';
export { featureStd } from './featureStd';
export type { Features } from './features';
export {
  type FewShotCurveOptions,
  type FewShotEvaluatorOptions,
  type FewShotOptions,
  type FewShotResult,
  fewShot,
  fewShotCurve,
  fewShotEvaluator,
} from './fewShot';
export {
  type FineTuneOptions,
  fineTune,
  type SettingTrial,
  type SupervisedOptions,
  type SupervisedResult,
  supervisedBaseline,
} from './fineTune';
export {
  type FineTuneEvaluatorOptions,
  fineTuneEvaluator,
  type SupervisedEvaluatorOptions,
  supervisedEvaluator,
} from './fineTuneEvaluator';
export { type Clustering, type KMeansOptions, kMeans } from './kMeans';
export { type LabelledBatchesOptions, labelledBatches } from './labelledBatches';
export type { LabelledInputs } from './labelledInputs';
export { type LidarEvaluatorOptions, type LidarOptions, lidar, lidarEvaluator } from './lidar';
export { linearCka } from './linearCka';
export {
  type LinearProbeOptions,
  type LinearProbeResult,
  linearProbe,
  linearProbeEvaluator,
  type PenaltyTrial,
} from './linearProbe';
export { type MeanInterval, meanInterval } from './meanInterval';
export { type NearestNeighbours, type NearestNeighboursOptions, nearestNeighbours } from './nearestNeighbours';
export { type OnlineKnnOptions, onlineKnn } from './onlineKnn';
export { type OnlineProbeOptions, onlineProbe } from './onlineProbe';
export { plugin } from './plugin';
export { type RankMeEvaluatorOptions, type RankMeOptions, rankMe, rankMeEvaluator } from './rankMe';
export { type FigureFile, reportFigures } from './report/figureFiles';
export { renderReport } from './report/renderReport';
export type {
  Confusion,
  Curve,
  HeadlineFigure,
  NeighbourGrid,
  NeighbourRow,
  ReportCell,
  ReportColumn,
  ReportData,
  ReportSamples,
  ReportTable,
  SampleMap,
  Series,
  Sprite,
  Tone,
  TradeOff,
  TradeOffPoint,
  ViewSheet,
} from './report/reportData';
export { nearestSamples, pcaMap, type UmapMapOptions, umapMap } from './report/sampleMap';
export {
  type RetrievalEvaluatorOptions,
  type RetrievalOptions,
  type RetrievalResult,
  retrieval,
  retrievalEvaluator,
} from './retrieval';
export { type RateTrial, type SgdProbeOptions, type SgdProbeResult, sgdProbe, sgdProbeEvaluator } from './sgdProbe';
export {
  type SimilarityCorrelation,
  type SimilarityCorrelationOptions,
  similarityCorrelation,
  similarityCorrelationEvaluator,
} from './similarityCorrelation';
export {
  type FitOptions,
  type LinearClassifier,
  type SoftmaxFit,
  type SoftmaxRegression,
  softmaxRegression,
} from './softmaxRegression';
export { type CovarianceSpectrum, covarianceSpectrum, directionsCarrying, singularValues } from './spectrum';
export { standardiser } from './standardise';
export { type TransferOptions, type TransferResult, transfer } from './transfer';
export { knnEvaluator, knnProtocols, type WeightedKnnOptions, weightedKnn } from './weightedKnn';
export { zeroShot, zeroShotEvaluator } from './zeroShot';
