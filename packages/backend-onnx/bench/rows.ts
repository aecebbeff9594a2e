import type { MlpOptions, ResnetOptions, VitOptions } from '@unlabel/models';
import { recipe } from './recipe';

/** An encoder by name and options; the PyTorch side reads the same as JSON. */
export type EncoderSpec =
  | ({ readonly name: 'vit' } & VitOptions)
  | ({ readonly name: 'resnet' } & ResnetOptions)
  | ({ readonly name: 'mlp' } & MlpOptions);

/** What PyTorch computes in: float32, or bfloat16 wherever its autocast has it. */
export type Precision = 'float32' | 'bfloat16';

/** Both. */
export const precisions: readonly Precision[] = ['float32', 'bfloat16'];

/** One line of the comparison. */
export interface Row {
  readonly title: string;
  /** A training step of SimCLR with AdamW, or the encoder alone in evaluation mode. */ readonly measures:
    | 'step'
    | 'embedding';
  readonly encoder: EncoderSpec;
  /** One sample's. */ readonly inputShape: readonly number[];
  /** Samples in a batch; a step sees two views of each. */ readonly batch: number;
  /** Widths of the projector after the encoder's, with batch norm and ReLU between. */ readonly projector: readonly number[];
  readonly temperature: number;
  readonly precisions: readonly Precision[];
}

/** Settings of AdamW on both sides. */
export const optimizerSettings = { learningRate: 1e-3, weightDecay: 1e-4 } as const;

const grey: [number, number, number] = [28, 28, 1];
const vit: EncoderSpec = { name: 'vit', inputShape: grey, patchSize: 4, dim: 192, depth: 4, heads: 3 };
const resnet: EncoderSpec = {
  name: 'resnet',
  inputShape: grey,
  stem: 'small-image',
  stemWidth: 32,
  blocks: [1, 1, 1],
  widths: [32, 64, 128],
  strides: [1, 2, 2],
};
const step = {
  measures: 'step',
  inputShape: grey,
  batch: 64,
  projector: [512, 128],
  temperature: 0.2,
  precisions: ['float32'],
} as const;
const embedding = { ...step, measures: 'embedding', batch: 256 } as const;

/** All lines by name, in the order of the table. */
export const rows = {
  vit: { ...step, title: 'ViT 192×4, 128 views of 28×28', encoder: vit },
  resnet: { ...step, title: 'ResNet 32/64/128, 128 views of 28×28', encoder: resnet },
  mlp: {
    ...step,
    title: 'MLP, 512 views of 784',
    encoder: { name: 'mlp', inputShape: [784], hidden: [512, 512], outputDim: 128, norm: 'none' },
    inputShape: [784],
    batch: 256,
  },
  'resnet-222': {
    ...step,
    title: 'ResNet, strides 2-2-2, 512 views of 28×28',
    encoder: { ...resnet, strides: [2, 2, 2] },
    batch: 256,
    precisions: ['float32', 'bfloat16'],
  },
  quickstart: {
    ...step,
    title: `npm start: ResNet, ${2 * recipe.training.batchSize} views of ${recipe.views.size}×${recipe.views.size}`,
    encoder: recipe.encoder,
    inputShape: [recipe.views.size, recipe.views.size, 1],
    batch: recipe.training.batchSize,
    projector: recipe.objective.projector,
    temperature: recipe.objective.temperature,
    precisions: ['float32', 'bfloat16'],
  },
  'embed-vit': { ...embedding, title: 'exported ViT, 256 images of 28×28', encoder: vit },
  'embed-resnet': { ...embedding, title: 'exported ResNet, 256 images of 28×28', encoder: resnet },
} satisfies Readonly<Record<string, Row>>;

export type RowName = keyof typeof rows;

/** Whether a row has that name. */
export function isRowName(name: string): name is RowName {
  return name in rows;
}
