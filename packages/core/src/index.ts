export type {
  Availability,
  Backend,
  BackendOptions,
  BackendSession,
  CompiledStep,
  DeviceInputs,
  DeviceViews,
  MemoryReport,
  NamedTensors,
  ResidentState,
  Step,
  StepArguments,
  StepRandom,
  StepResult,
  StepSignature,
} from './backend';
export type { ChoiceMemory } from './backends/choiceMemory';
export { cpu } from './backends/cpu';
export { drawStepRandom, openEagerSession, toHost, toTensor } from './backends/eager';
export { type FastestOptions, fastest } from './backends/fastest';
export { type SelectedBackend, selectBackend } from './backends/select';
export type { BackendChoice } from './backends/settle';
export { type WasmOptions, wasm } from './backends/wasm';
export type { Batch, BatchSource, UnreadableSample } from './batches';
export { requirePositive, requireViews } from './checks';
export { corePlugin } from './corePlugin';
export type {
  Dataset,
  ImageSample,
  Labels,
  Modality,
  PairSample,
  RowSample,
  SeriesSample,
  Stretches,
  TextSample,
} from './dataset';
export {
  type EncodedTokens,
  type Encoder,
  isTokenEncoder,
  type Preprocessing,
  requireTokenEncoder,
  type TokenEncoder,
} from './encoder';
export { type ErrorCodeMeaning, errorCodes } from './errorCodes';
export { UnlabelError, type UnlabelErrorCode, type UnlabelErrorOptions } from './errors';
export {
  type BankBatchesOptions,
  type EvaluatedNetwork,
  type EvaluationDetail,
  type EvaluationNotes,
  type Evaluator,
  evaluationNotes,
  type LabelledFeatures,
  type ViewFeatures,
  type ViewsWanted,
} from './evaluator';
export {
  type FusedAttributes,
  type FusedKernel,
  type FusedOp,
  type FusedOpName,
  type FusedOps,
  fusedOp,
  registerFusedKernel,
  runsFused,
} from './fusedOp';
export {
  type FusedOptimizer,
  type FusedUpdateKernel,
  type FusedUpdateName,
  type FusedUpdates,
  fusedUpdate,
  type OptimizerInputs,
  type ParameterUpdate,
  registerFusedUpdate,
  type UpdatedParameter,
} from './fusedUpdate';
export { globalViewsOf } from './globalViews';
export { type LossAndGradients, lossAndGradients } from './gradients';
export {
  type HostDtype,
  type HostTensor,
  type HostTensors,
  hostScalar,
  hostTensor,
  sizeOf,
  specsOf,
  type TensorSpec,
  type TensorSpecs,
} from './hostTensor';
export type { ImagePlan, ImageResize, ImageStep, PlannedView } from './imagePlan';
export { type BlockMaskOptions, blockMask } from './masks/blockMask';
export { maskDraws } from './masks/hiddenTokens';
export {
  type BlockSizeOptions,
  blockSize,
  type MultiBlockDrawOptions,
  type MultiBlockMask,
  type MultiBlockOptions,
  type MultiBlockSizes,
  multiBlockDraws,
  multiBlockMask,
  multiBlockSizes,
} from './masks/multiBlockMask';
export { type RandomMask, type RandomMaskOptions, randomMask, randomMaskDraws } from './masks/randomMask';
export type { PatchGrid } from './masks/rectangle';
export { type SpanMaskOptions, spanMask } from './masks/spanMask';
export { type TextSpanMaskOptions, textSpanMask } from './masks/textSpanMask';
export {
  type TubeMask,
  type TubeMaskDrawOptions,
  type TubeMaskOptions,
  tubeMask,
  tubeMaskDraws,
} from './masks/tubeMask';
export { type UnitMaskOptions, unitMask } from './masks/unitMask';
export { type MicroBatch, microBatched, withMicroBatch } from './microBatch';
export { type Activation, activation, gelu, geluTanh } from './nn/activations';
export { analyticGradient } from './nn/analyticGradient';
export { type AttentionOptions, attention } from './nn/attention';
export { type BatchNormOptions, batchNorm } from './nn/batchNorm';
export { type Conv2dOptions, conv2d } from './nn/conv2d';
export { type DenseOptions, dense } from './nn/dense';
export { dropout, dropPath } from './nn/dropout';
export { type GroupNormOptions, groupNorm } from './nn/groupNorm';
export {
  type Fan,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  ones,
  truncatedNormal,
  xavierUniform,
  zeros,
} from './nn/initializers';
export {
  type CollectingContext,
  type Initializer,
  initialise,
  type Layer,
  type LayerContext,
  layerContext,
  type Variable,
  type Variables,
  variablesOf,
} from './nn/layer';
export { type LayerNormOptions, layerNorm, standardise } from './nn/layerNorm';
export { logSumExp } from './nn/logSumExp';
export { type MlpHeadOptions, mlpHead } from './nn/mlpHead';
export { normaliseRows } from './nn/normaliseRows';
export { patchGrid, patchify, unpatchify } from './nn/patches';
export { predictionHead } from './nn/predictionHead';
export { type PrototypesOptions, prototypeScores, prototypes } from './nn/prototypes';
export { type Part, sequential } from './nn/sequential';
export { bothLogSumExp, rowLogSumExp } from './nn/similarityLogSumExp';
export { sinCosPositions } from './nn/sinCosPositions';
export { type SinkhornOptions, sinkhorn } from './nn/sinkhorn';
export { type TransformerBlockOptions, type TransformerOptions, transformer, transformerBlock } from './nn/transformer';
export {
  type BoundObjective,
  type LossReport,
  type Objective,
  type ObjectiveDraws,
  type ObjectiveInputs,
  scheduled,
} from './objective';
export { type AdamOptions, adam, adamw } from './optim/adam';
export { clipByGlobalNorm } from './optim/clip';
export { emaUpdate } from './optim/ema';
export { layerwiseDecay, type ParameterGroup, undecayedVectors } from './optim/groups';
export { type LarsOptions, type LarsVariant, lars } from './optim/lars';
export type { Optimizer, OptimizerArguments, OptimizerResult } from './optim/optimizer';
export type { DecayOptions } from './optim/perParameter';
export {
  type CosineConvention,
  type CosineScheduleOptions,
  constantSchedule,
  cosineSchedule,
  type LinearScheduleOptions,
  linearSchedule,
  type RunSchedule,
  type Schedule,
  type StepScheduleOptions,
  stepSchedule,
} from './optim/schedules';
export { type SgdOptions, sgd } from './optim/sgd';
export {
  contractVersion,
  type Definition,
  define,
  definePlugin,
  type Kind,
  type ObjectiveTraits,
  type Paper,
  type Plugin,
  type Products,
} from './plugin';
export { type Projection, projectViews } from './projectViews';
export { type RandomKey, type RandomStream, randomStream } from './random';
export { createRegistry, nearestName, parseOptions, type Registry } from './registry';
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from './safetensors';
export { scaleGradient, stopGradient } from './stopGradient';
export { moveTeacher, type TeacherMomentumOptions, teacherMomentum, teacherOf } from './teacher';
export { tf } from './tf';
export { type LayersModel, type LayersWeight, tfjsLayersEncoder } from './tfjsLayersEncoder';
export type { Callback, RunHandle, TrainingEvent } from './train/callback';
export {
  type Checkpoint,
  type CheckpointFacts,
  type Identity,
  keepCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  loadKeptCheckpoint,
  saveCheckpoint,
} from './train/checkpoint';
export { compilePerSignature, type PerSignatureOptions } from './train/compilePerSignature';
export { createEmbedder, type Embedder } from './train/embedder';
export { originStore } from './train/originStore';
export { pretrain } from './train/pretrain';
export { createProjector, type Projections, type Projector } from './train/projector';
export { type PretrainOptions, type RunOptions, type RunSteps, runSteps } from './train/run';
export { folderStore, type RunStore } from './train/runStore';
export { twoViews } from './twoViews';
export { type PortableReference, type ViewPipeline, type ViewTargets, viewSpecs } from './views';
