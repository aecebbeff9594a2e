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
export { type MaclOptions, maclLoss } from './macl';
export { type MocoLossOptions, type MocoOptions, moco, mocoLogits, mocoLoss } from './moco';
export { multiViewNtXentLoss, type NtXentOptions, ntXentLoss } from './ntXent';
export { plugin } from './plugin';
export { enqueue, type Queue, queueVariables, readQueue, writeQueue } from './queue';
export { type ResslLossOptions, type ResslOptions, ressl, resslLoss } from './ressl';
export { type SimclrOptions, simclr } from './simclr';
