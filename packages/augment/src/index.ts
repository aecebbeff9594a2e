export {
  type BlockMaskOptions,
  blockMask,
  type MultiBlockDrawOptions,
  type MultiBlockMask,
  type MultiBlockOptions,
  type MultiBlockSizes,
  maskDraws,
  multiBlockDraws,
  multiBlockMask,
  multiBlockSizes,
  type PatchGrid,
  type RandomMask,
  type RandomMaskOptions,
  randomMask,
  randomMaskDraws,
  type SpanMaskOptions,
  spanMask,
  type TextSpanMaskOptions,
  type TubeMask,
  type TubeMaskDrawOptions,
  type TubeMaskOptions,
  textSpanMask,
  tubeMask,
  tubeMaskDraws,
  type UnitMaskOptions,
  unitMask,
} from '@unlabel/core';
export { type AffineCropOptions, affineCrop } from './affineCrop';
export { type ByolViewsOptions, byolViews } from './byolViews';
export { type CentreCropOptions, centreCrop } from './centreCrop';
export { type Adjustment, type ColourJitterOptions, colourJitter } from './colourJitter';
export { type ContactSheetOptions, contactSheet } from './contactSheet';
export type { Crop, Region } from './crop';
export { type DinoViewsOptions, dinoViews } from './dinoViews';
export { type EvaluationViewOptions, evaluationView } from './evaluationView';
export { type DrawnBlur, type GaussianBlurOptions, gaussianBlur } from './gaussianBlur';
export { type GrayscaleOptions, grayscale } from './grayscale';
export { type LejepaViewsOptions, lejepaViews } from './lejepaViews';
export { type MocoV2ViewsOptions, mocoV2Views } from './mocoV2Views';
export type { MultiCropOptions } from './multiCrop';
export type { Normalisation } from './normalise';
export { plugin } from './plugin';
export { type RandomResizedCropOptions, randomResizedCrop } from './randomResizedCrop';
export { type SimclrViewsOptions, simclrViews } from './simclrViews';
export { type SmallImageViewsOptions, smallImageViews } from './smallImageViews';
export { type SolarizeOptions, solarize } from './solarize';
export { fashionMnistStatistics, imageNetStatistics } from './statistics';
export { type SwavViewsOptions, swavViews } from './swavViews';
export type { FloatImage, Transform } from './transform';
export { type VicreglViewsOptions, vicreglViews } from './vicreglViews';
export {
  type DrawnView,
  type PortableViewPipelineOptions,
  rebuildViewPipeline,
  type ViewOptions,
  type ViewPipelineOptions,
  viewPipeline,
} from './viewPipeline';
