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
export { type InfoNceOptions, infoNceLoss } from './infoNce';
export { type MaclOptions, maclLoss } from './macl';
export { type MocoLossOptions, type MocoOptions, moco, mocoLogits, mocoLoss } from './moco';
export { type MocoV3LossOptions, type MocoV3Options, mocoV3, mocoV3Loss } from './mocoV3';
export { type NnclrLossOptions, type NnclrOptions, nearestNeighbours, nnclr, nnclrLoss } from './nnclr';
export { multiViewNtXentLoss, type NtXentOptions, ntXentLoss } from './ntXent';
export { plugin } from './plugin';
export { enqueue, type Queue, queueVariables, readQueue, writeQueue } from './queue';
export { type ResslLossOptions, type ResslOptions, ressl, resslLoss } from './ressl';
export { type SimclrOptions, simclr } from './simclr';
