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
export { type ClipViewsOptions, clipViews } from './clipViews';
export { type Adjustment, type ColourJitterOptions, colourJitter } from './colourJitter';
export { type ContactSheetOptions, contactSheet } from './contactSheet';
export type { Crop, Region } from './crop';
export { type DinoViewsOptions, dinoViews } from './dinoViews';
export { displayedViews } from './displayedViews';
export { type EqualizeOptions, equalize } from './equalize';
export { type DrawnErasing, type ErasingOptions, erasing } from './erasing';
export { type EvaluationViewOptions, evaluationView } from './evaluationView';
export { type DrawnBlur, type GaussianBlurOptions, gaussianBlur } from './gaussianBlur';
export { type GrayscaleOptions, grayscale } from './grayscale';
export { type LejepaViewsOptions, lejepaViews } from './lejepaViews';
export { type MocoV2ViewsOptions, mocoV2Views } from './mocoV2Views';
export type { MultiCropOptions } from './multiCrop';
export type { Normalisation } from './normalise';
export { type DrawnPair, type PairViewsOptions, pairViews, rebuildPairViews } from './pairViews';
export { plugin } from './plugin';
export { type PosterizeOptions, posterize } from './posterize';
export { preprocessingOf } from './preprocessingOf';
export { type RandomResizedCropOptions, randomResizedCrop } from './randomResizedCrop';
export type { Interpolation } from './resample';
export { type DrawnRotation, type RotationOptions, rotation } from './rotation';
export type { DrawnCorruption } from './rows/corruption';
export { type FeatureDropoutOptions, featureDropout } from './rows/featureDropout';
export { type RowNoiseOptions, rowNoise } from './rows/rowNoise';
export { rowNormalisation } from './rows/rowNormalisation';
export {
  type DrawnRow,
  type PortableRowPipelineOptions,
  type RowPipelineOptions,
  rebuildRowPipeline,
  rowPipeline,
} from './rows/rowPipeline';
export { type RowTable, readRowTable } from './rows/rowTable';
export type { RowTransform } from './rows/rowTransform';
export { type RowViewsOptions, rowViews } from './rows/rowViews';
export { type ScarfCorruptionOptions, scarfCorruption } from './rows/scarfCorruption';
export { type ScarfViewsOptions, scarfViews } from './rows/scarfViews';
export { type VimeCorruptionOptions, vimeCorruption } from './rows/vimeCorruption';
export { type VimeViewsOptions, vimeViews } from './rows/vimeViews';
export { type AudioViewsOptions, audioViews } from './series/audioViews';
export { type ColaViewsOptions, colaViews } from './series/colaViews';
export { type GainOptions, gain } from './series/gain';
export { type LogMelOptions, logMel } from './series/logMel';
export { type MagnitudeScalingOptions, magnitudeScaling } from './series/magnitudeScaling';
export {
  type DrawnRuns,
  type FrequencyMaskOptions,
  frequencyMask,
  type TimeMaskOptions,
  timeMask,
} from './series/masking';
export { type JitterOptions, jitter, type WhiteNoiseOptions, whiteNoise } from './series/noise';
export { type PolarityInversionOptions, polarityInversion } from './series/polarityInversion';
export { type DrawnPermutation, type SegmentPermutationOptions, segmentPermutation } from './series/segmentPermutation';
export {
  type DrawnSeries,
  type PortableSeriesPipelineOptions,
  rebuildSeriesPipeline,
  type SeriesPipelineOptions,
  type SeriesViewOptions,
  seriesPipeline,
} from './series/seriesPipeline';
export type { Extent } from './series/seriesResample';
export type { FloatSeries, SeriesShape, SeriesTransform } from './series/seriesTransform';
export { type SeriesViewsOptions, seriesViews } from './series/seriesViews';
export { type StandardisationOptions, standardisation } from './series/standardisation';
export { type TimeShiftOptions, timeShift } from './series/timeShift';
export { type SimclrViewsOptions, simclrViews } from './simclrViews';
export { type SmallImageViewsOptions, smallImageViews } from './smallImageViews';
export { type SolarizeOptions, solarize } from './solarize';
export { fashionMnistStatistics, imageNetStatistics } from './statistics';
export { type SwavViewsOptions, swavViews } from './swavViews';
export { type BertViewsOptions, bertViews, type DrawnMasking, rebuildBertViews } from './text/bertViews';
export { byteTokenizer } from './text/byteTokenizer';
export { type ContrieverViewsOptions, contrieverViews } from './text/contrieverViews';
export { type DeclutrViewsOptions, declutrViews, rebuildDeclutrViews, type Span } from './text/declutrViews';
export { type EdaViewsOptions, edaViews } from './text/edaViews';
export type { TextViewsOptions } from './text/frame';
export { type HuggingFaceTokenizerOptions, huggingFaceTokenizer } from './text/huggingFaceTokenizer';
export { type SimcseViewsOptions, simcseViews } from './text/simcseViews';
export {
  type DrawnText,
  type PortableTextPipelineOptions,
  rebuildTextPipeline,
  type TextPipelineOptions,
  textPipeline,
} from './text/textPipeline';
export type { TextTransform } from './text/textTransform';
export type { SpecialTokens, Tokenizer } from './text/tokenizer';
export { type WordCropOptions, wordCrop } from './text/wordCrop';
export { type WordDeletionOptions, wordDeletion } from './text/wordDeletion';
export { type WordSwapOptions, wordSwap } from './text/wordSwap';
export { countWords, type WordTokenizerOptions, wordTokenizer } from './text/wordTokenizer';
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
