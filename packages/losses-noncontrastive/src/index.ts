export {
  type BarlowTwinsMethodOptions,
  type BarlowTwinsOptions,
  type BarlowTwinsTerms,
  barlowTwins,
  barlowTwinsLoss,
  barlowTwinsTerms,
  crossCorrelation,
} from './barlowTwins';
export { type ByolOptions, byol, byolLoss } from './byol';
export { type CapiOptions, capiLoss } from './capi';
export { type CenterOptions, type Centring, updatedCenter } from './centring';
export { type DinoMethodOptions, type DinoOptions, dino, dinoLoss } from './dino';
export { type DinoHead, type DinoHeadOptions, dinoHead } from './dinoHead';
export {
  type Dinov2MethodOptions,
  type Dinov2Options,
  type Dinov2Terms,
  dinov2,
  dinov2Loss,
  dinov2Terms,
} from './dinov2';
export { type DirectClrOptions, directClr, directClrLoss } from './directClr';
export {
  type EmpSslMethodOptions,
  type EmpSslOptions,
  type EmpSslTerms,
  empSsl,
  empSslLoss,
  empSslTerms,
} from './empSsl';
export {
  type FrosslMethodOptions,
  type FrosslOptions,
  type FrosslTerms,
  frossl,
  frosslLoss,
  frosslTerms,
} from './frossl';
export {
  type IbotCenters,
  type IbotLogits,
  type IbotMethodOptions,
  type IbotTerms,
  ibot,
  ibotLoss,
  ibotPatchLoss,
  ibotTerms,
} from './ibot';
export { type KoleoOptions, koleoLoss } from './koleo';
export type { MaskedDistillationOptions, MaskedOutputs } from './maskedDistillation';
export type { MaskedSiameseOptions } from './maskedSiamese';
export { type MmcrMethodOptions, type MmcrOptions, type MmcrTerms, mmcr, mmcrLoss, mmcrTerms } from './mmcr';
export {
  type MsnAssignmentOptions,
  type MsnMethodOptions,
  type MsnOptions,
  type MsnTerms,
  msn,
  msnLoss,
  msnTargets,
  msnTerms,
} from './msn';
export { nuclearNorm } from './nuclearNorm';
export { plugin } from './plugin';
export { type PmsnMethodOptions, type PmsnOptions, type PmsnTerms, pmsn, pmsnLoss, pmsnTerms } from './pmsn';
export type { SelfDistillationOptions } from './selfDistillation';
export { negativeCosine, type SimsiamLossOptions, type SimsiamOptions, simsiam, simsiamLoss } from './simsiam';
export { type TicoMethodOptions, type TicoOptions, type TicoReport, tico, ticoLoss } from './tico';
export {
  type VibcregMethodOptions,
  type VibcregOptions,
  type VibcregTerms,
  vibcreg,
  vibcregLoss,
  vibcregTerms,
} from './vibcreg';
export {
  type VicregMethodOptions,
  type VicregOptions,
  type VicregTerms,
  vicreg,
  vicregLoss,
  vicregTerms,
} from './vicreg';
export {
  type VicreglMethodOptions,
  type VicreglOptions,
  type VicreglTerms,
  type VicreglView,
  vicregl,
  vicreglLoss,
  vicreglTerms,
} from './vicregl';
export { type WhiteningMethod, type WhiteningOptions, type WhitenOptions, whiten, whitening } from './whitening';
export { type WMseMethodOptions, type WMseOptions, wMse, wMseLoss } from './wMse';
