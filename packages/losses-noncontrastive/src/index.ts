export {
  type CenterOptions,
  type Centring,
  type DinoMethodOptions,
  type DinoOptions,
  dino,
  dinoLoss,
  updatedCenter,
} from './dino';
export { type DinoHead, type DinoHeadOptions, dinoHead } from './dinoHead';
export {
  type EmpSslMethodOptions,
  type EmpSslOptions,
  type EmpSslTerms,
  empSsl,
  empSslLoss,
  empSslTerms,
} from './empSsl';
export { type KoleoOptions, koleoLoss } from './koleo';
export { type MmcrMethodOptions, type MmcrOptions, type MmcrTerms, mmcr, mmcrLoss, mmcrTerms } from './mmcr';
export { nuclearNorm } from './nuclearNorm';
export { plugin } from './plugin';
export type { SelfDistillationOptions } from './selfDistillation';
export {
  type VicregMethodOptions,
  type VicregOptions,
  type VicregTerms,
  vicreg,
  vicregLoss,
  vicregTerms,
} from './vicreg';
export { type WhiteningMethod, type WhiteningOptions, type WhitenOptions, whiten, whitening } from './whitening';
export { type WMseMethodOptions, type WMseOptions, wMse, wMseLoss } from './wMse';
