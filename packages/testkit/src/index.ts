export { type ChromiumOptions, findChromium, inChromium, type PageModule } from './chromium';
export { type AugmentationConformanceOptions, augmentationConformance } from './conformance/augmentation';
export { type BackendConformanceOptions, backendConformance, opConformance } from './conformance/backend';
export type { OpCase } from './conformance/backendOps';
export type { ConformanceCase } from './conformance/conformanceCase';
export { datasetConformance } from './conformance/dataset';
export { type EvaluatorConformanceOptions, evaluatorConformance } from './conformance/evaluator';
export { type ObjectiveConformanceOptions, objectiveConformance } from './conformance/objective';
export { objectivePluginConformance } from './conformance/objectivePlugin';
export { sourceSamples } from './conformance/sourceSamples';
export {
  type GoldenFile,
  type GoldenTensor,
  type GoldenTensors,
  type GoldenTolerance,
  parseGolden,
  readGolden,
  readGoldenFolder,
} from './golden/goldenFile';
export type { GoldenCase, GoldenMapping, GoldenResult } from './golden/goldenMapping';
export {
  assertGolden,
  checkGolden,
  checkGoldenOn,
  compareGolden,
  type GoldenComparison,
  type GoldenReport,
  goldenTable,
} from './golden/goldenReport';
export { type GoldenRun, runGolden, runGoldenOn } from './golden/goldenRun';
export {
  findGoldenWorkspace,
  type GoldenPaths,
  type GoldenWorkspace,
  goldenMappingsOf,
  readGoldenWorkspace,
} from './golden/goldenWorkspace';
export { goldenTrajectory, type TrajectoryOptions } from './golden/trajectory';
export { checkGradients, expectGradients, type GradientCheckOptions, type GradientComparison } from './gradientCheck';
export { gradientsOf, numberOf, refusalOf } from './readings';
export { readmeSnippet, runSnippet } from './readmeSnippet';
export { normalTensor, repeatedBatch } from './repeatedBatch';
export { type FileVisit, type Reader, visitFile } from './visitFile';
