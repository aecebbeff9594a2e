export { type AffineCropOptions, affineCrop } from './affineCrop';
export { type CentreCropOptions, centreCrop } from './centreCrop';
export { type Adjustment, type ColourJitterOptions, colourJitter } from './colourJitter';
export type { Crop, Region } from './crop';
export { type EvaluationViewOptions, evaluationView } from './evaluationView';
export { type RandomResizedCropOptions, randomResizedCrop } from './randomResizedCrop';
export { type SmallImageViewsOptions, smallImageViews } from './smallImageViews';
export { fashionMnistStatistics, imageNetStatistics } from './statistics';
export type { FloatImage, Transform } from './transform';
export {
  type DrawnView,
  type Normalisation,
  type PortableViewPipelineOptions,
  rebuildViewPipeline,
  type ViewOptions,
  type ViewPipelineOptions,
  viewPipeline,
} from './viewPipeline';
