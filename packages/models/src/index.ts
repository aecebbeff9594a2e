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
