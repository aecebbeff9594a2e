export { type MlpOptions, mlp } from './mlp';
export { plugin } from './plugin';
export type { Block } from './residualBlock';
export {
  type ResnetOptions,
  type ResnetPresetOptions,
  resnet,
  resnet18,
  resnet34,
  resnet50,
  type Stem,
} from './resnet';
export {
  type Pooling,
  type Positions,
  type VitOptions,
  type VitPresetOptions,
  vit,
  vitBase,
  vitSmall,
  vitTiny,
} from './vit';
