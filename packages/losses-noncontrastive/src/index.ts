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
export { type KoleoOptions, koleoLoss } from './koleo';
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
