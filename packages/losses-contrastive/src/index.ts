export { type AlignLossOptions, type AlignOptions, align, alignLoss } from './align';
export {
  type AlignmentOptions,
  type AlignmentUniformityLossOptions,
  type AlignmentUniformityOptions,
  type AlignmentUniformityTerms,
  alignmentLoss,
  alignmentUniformity,
  alignmentUniformityLoss,
  alignmentUniformityTerms,
  type UniformityOptions,
  uniformityLoss,
} from './alignmentUniformity';
export { type ClipLossOptions, type ClipOptions, clip, clipLogits, clipLoss } from './clip';
export {
  type ContrastiveRlEnergy,
  type ContrastiveRlLossOptions,
  type ContrastiveRlOptions,
  type ContrastiveRlScoreOptions,
  type ContrastiveRlTerms,
  contrastiveRl,
  contrastiveRlLoss,
  contrastiveRlScores,
  contrastiveRlTerms,
} from './contrastiveRl';
export {
  type DclLossOptions,
  type DclOptions,
  type DclwLossOptions,
  type DclwOptions,
  dcl,
  dclLoss,
  dclw,
  dclwLoss,
} from './dcl';
export type { DualEncoderOptions } from './dualEncoder';
export { type InfoNceOptions, infoNceLoss } from './infoNce';
export { type MaclOptions, maclLoss } from './macl';
export { type MinedTripletOptions, minedTripletLoss, type TripletMining } from './minedTriplet';
export { type MocoLossOptions, type MocoOptions, moco, mocoLogits, mocoLoss } from './moco';
export { type MocoV3LossOptions, type MocoV3Options, mocoV3, mocoV3Loss } from './mocoV3';
export { type MutualInformationOptions, mutualInformationBound } from './mutualInformation';
export { type NnclrLossOptions, type NnclrOptions, nearestNeighbours, nnclr, nnclrLoss } from './nnclr';
export { multiViewNtXentLoss, type NtXentOptions, ntXentLoss } from './ntXent';
export { plugin } from './plugin';
export { enqueue, type Queue, queueVariables, readQueue, writeQueue } from './queue';
export { type ResslLossOptions, type ResslOptions, ressl, resslLoss } from './ressl';
export { type SiglipLossOptions, type SiglipOptions, siglip, siglipLoss } from './siglip';
export { type SimCseLossOptions, type SimCseOptions, simCse, simCseLoss } from './simCse';
export { type SimclrOptions, simclr } from './simclr';
export { type SupConLossOptions, type SupConOptions, supCon, supConLoss } from './supCon';
export { type SwavCodeOptions, type SwavLossOptions, type SwavOptions, swav, swavCodes, swavLoss } from './swav';
export {
  type OneNegativeNtXentOptions,
  oneNegativeNtXentLoss,
  type TripletLossOptions,
  type TripletOptions,
  triplet,
  tripletLoss,
} from './triplet';
export { type NegativeSamplerOptions, negativeSampler, skipGramLoss } from './word2vec';
