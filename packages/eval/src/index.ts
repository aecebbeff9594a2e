export { confusionMatrix, meanClassAccuracy, perClassAccuracy, top1Accuracy } from './accuracy';
export { type AlignmentOptions, alignment, type UniformityOptions, uniformity } from './alignmentUniformity';
export { type AlphaReqOptions, alphaReq } from './alphaReq';
export { type BestCheckpointOptions, bestCheckpoint } from './bestCheckpoint';
export {
  type CollapseFigures,
  type CollapseVerdict,
  type CollapseVerdictOptions,
  collapseFigures,
  collapseVerdict,
  type GeometryEvaluatorOptions,
  geometryEvaluator,
} from './collapse';
export { type CollapseMonitorOptions, collapseMonitor, type HeldOutInputs } from './collapseMonitor';
export { featureStd } from './featureStd';
export type { Features } from './features';
export { type FewShotOptions, type FewShotResult, fewShot, fewShotEvaluator } from './fewShot';
export type { LabelledInputs } from './labelledInputs';
export { type LidarOptions, lidar, type ViewFeatures } from './lidar';
export { linearCka } from './linearCka';
export {
  type LinearProbeOptions,
  type LinearProbeResult,
  linearProbe,
  linearProbeEvaluator,
  type PenaltyTrial,
} from './linearProbe';
export { type OnlineKnnOptions, onlineKnn } from './onlineKnn';
export { type OnlineProbeOptions, onlineProbe } from './onlineProbe';
export { plugin } from './plugin';
export { type RankMeEvaluatorOptions, type RankMeOptions, rankMe, rankMeEvaluator } from './rankMe';
export {
  type FitOptions,
  type LinearClassifier,
  type SoftmaxFit,
  type SoftmaxRegression,
  softmaxRegression,
} from './softmaxRegression';
export { type CovarianceSpectrum, covarianceSpectrum, directionsCarrying, singularValues } from './spectrum';
export { standardiser } from './standardise';
export { type Classification, knnEvaluator, type WeightedKnnOptions, weightedKnn } from './weightedKnn';
