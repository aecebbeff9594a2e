export { confusionMatrix, meanClassAccuracy, perClassAccuracy, top1Accuracy } from './accuracy';
export { type AlignmentOptions, alignment, type UniformityOptions, uniformity } from './alignmentUniformity';
export { type CollapseMonitorOptions, collapseMonitor, type HeldOutInputs } from './collapseMonitor';
export { featureStd } from './featureStd';
export type { Features } from './features';
export { type FewShotOptions, type FewShotResult, fewShot, fewShotEvaluator } from './fewShot';
export {
  type LinearProbeOptions,
  type LinearProbeResult,
  linearProbe,
  linearProbeEvaluator,
  type PenaltyTrial,
} from './linearProbe';
export { type LabelledInputs, type OnlineKnnOptions, onlineKnn } from './onlineKnn';
export { plugin } from './plugin';
export { type RankMeEvaluatorOptions, type RankMeOptions, rankMe, rankMeEvaluator, singularValues } from './rankMe';
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
  type FitOptions,
  type LinearClassifier,
  type SoftmaxFit,
  type SoftmaxRegression,
  softmaxRegression,
} from './softmaxRegression';
export { standardiser } from './standardise';
export { type Classification, knnEvaluator, type WeightedKnnOptions, weightedKnn } from './weightedKnn';
