export {
  type GoldenFile,
  type GoldenTensor,
  type GoldenTensors,
  type GoldenTolerance,
  parseGolden,
  readGolden,
  readGoldenFolder,
} from './goldenFile';
export { type GoldenCase, type GoldenMapping, type GoldenResult, type GoldenRun, runGolden } from './goldenMapping';
export {
  assertGolden,
  checkGolden,
  compareGolden,
  type GoldenComparison,
  type GoldenReport,
  goldenTable,
} from './goldenReport';
export { checkGradients, expectGradients, type GradientCheckOptions, type GradientComparison } from './gradientCheck';
export { gradientsOf, numberOf, refusalOf } from './readings';
