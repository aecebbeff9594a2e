export { type AndersonDarlingOptions, andersonDarling, cramerVonMises, watson } from './distributionDistances';
export { type EppsPulleyOptions, eppsPulley } from './eppsPulley';
export { type IjepaOptions, ijepa, ijepaLoss, ijepaTargets } from './ijepa';
export {
  type LejepaMethodOptions,
  type LejepaOptions,
  type LejepaTerms,
  type LejepaWeighting,
  lejepa,
  lejepaLoss,
  lejepaTerms,
} from './lejepa';
export { jarqueBera, type MomentsOptions, moments, vcreg } from './moments';
export {
  type BhepOptions,
  bhep,
  comb,
  type ExponentialTestOptions,
  henzeVisagie,
  henzeZirkler,
} from './multivariate';
export { logNormalCdf, normalCdf, normalQuantile } from './normalDistribution';
export {
  type MultivariateTest,
  type MultivariateTestName,
  multivariateTests,
  type UnivariateTest,
  type UnivariateTestName,
  univariateTests,
} from './normalityTests';
export { orderLikelihood } from './orderLikelihood';
export { orderStatistics } from './orderStatistics';
export { plugin } from './plugin';
export type { PredictorOptions } from './predictor';
export { type ShapiroWilkOptions, shapiroWilk } from './shapiroWilk';
export { type SigregOptions, sigreg, sliceStatistics } from './sigreg';
export { type VasicekOptions, vasicek } from './vasicek';
export {
  type VisregMethodOptions,
  type VisregOptions,
  type VisregTerms,
  visreg,
  visregLoss,
  visregTerms,
} from './visreg';
export { type VjepaOptions, vjepaLoss, vjepaRegulariser } from './vjepa';
