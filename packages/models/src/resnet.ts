import {
  batchNorm,
  conv2d,
  type Encoder,
  type Layer,
  type LayerContext,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { type Block, residualBlock } from './residualBlock';

/** Extents and geometry of a {@link resnet}. */
export interface ResnetOptions {
  /** `[height, width, channels]`; other heights and widths work too, as in multi-crop. */
  readonly inputShape: readonly [number, number, number];
  /** Residual blocks in each stage (default `[2, 2, 2, 2]`, ResNet-18's). */ readonly blocks?: readonly number[];
  /** Channels of each stage, before a bottleneck's factor 4 (default 64, doubled at each stage). */
  readonly widths?: readonly number[];
  /** Stride of each stage's first block (default 1, then 2). */ readonly strides?: readonly number[];
  /** Two 3×3 convolutions, or 1×1, 3×3 and 1×1 (default `'basic'`). */ readonly block?: Block;
  /**
   * `'imagenet'` (default): 7×7 with stride 2, then max-pooling with stride 2. `'small-image'`: 3×3 with stride 1 and no
   * pooling, for images of 64 pixels and less (SimCLR, https://arxiv.org/abs/2002.05709, appendix B.9).
   */
  readonly stem?: Stem;
  /** Channels of the stem (default the first width). */ readonly stemWidth?: number;
  /** Stride of the stem's convolution, in place of the 1 or 2 of `stem`: a cheap stem for small images has 2. */
  readonly stemStride?: number;
  /** Starts each block as its shortcut: scale 0 in its last norm (default false; https://arxiv.org/abs/1706.02677, 5.1). */
  readonly zeroInitResidual?: boolean;
  /**
   * Batch norm without scale and offset on the pooled features, variables under `norm/` (default false): every feature
   * then varies equally, so that cosine similarity on the encoder's output counts them alike.
   */
  readonly outputNorm?: boolean;
}

/** How pixels become the first channels. */
export type Stem = 'imagenet' | 'small-image';

/** A {@link resnet}'s options where a preset has settled depth and widths. */
export type ResnetPresetOptions = Omit<ResnetOptions, 'block' | 'blocks' | 'widths'>;

type ImageLayer = Layer<tf.Tensor4D, tf.Tensor4D>;

/**
 * Residual network with batch norm and global average pooling.
 * Variables: `stem/conv/kernel`, `stem/norm/scale`, `stages/0/blocks/0/conv1/kernel`, …
 * Input `[batch, height, width, channels]`, output `[batch, last width]`, times 4 with bottleneck blocks. Its tokens are the
 * places of the last maps, row by row, whose mean the output is (before an output norm).
 * @throws UnlabelError `INVALID_OPTION` when blocks, widths and strides differ in length; `SHAPE_MISMATCH` from `apply`
 * @see He et al., CVPR 2016, https://arxiv.org/abs/1512.03385
 */
export function resnet(options: ResnetOptions): Encoder {
  const { inputShape, blocks = [2, 2, 2, 2], block = 'basic', zeroInitResidual = false, outputNorm = false } = options;
  const { widths = blocks.map((_, stage) => 64 * 2 ** stage) } = options;
  const { strides = blocks.map((_, stage) => (stage === 0 ? 1 : 2)), stemWidth = widths[0] ?? 64 } = options;
  requireStages(blocks, widths, strides);
  const layers: [string, ImageLayer][] = [['stem', stemOf(options, stemWidth)]];
  let channels = stemWidth;
  for (const [stage, width] of widths.entries()) {
    for (let index = 0; index < (blocks[stage] ?? 0); index++) {
      const stride = index === 0 ? (strides[stage] ?? 1) : 1;
      const residual = residualBlock({ block, inputChannels: channels, width, stride, zeroInitResidual });
      layers.push([`stages/${stage}/blocks/${index}`, residual]);
      channels = residual.outputChannels;
    }
  }
  const norm = batchNorm<tf.Tensor2D>({ channels, affine: false });
  const mapsOf = (input: tf.Tensor, context: LayerContext): tf.Tensor4D => {
    requireImages(input, inputShape);
    return layers.reduce((value, [name, layer]) => layer.apply(value, context.scope(name)), input);
  };
  const pooled = (maps: tf.Tensor4D, context: LayerContext): tf.Tensor2D => {
    const mean: tf.Tensor2D = tf.mean(maps, [1, 2]);
    return outputNorm ? norm.apply(mean, context.scope('norm')) : mean;
  };
  const places = (maps: tf.Tensor4D): tf.Tensor3D =>
    tf.reshape(maps, [maps.shape[0], maps.shape[1] * maps.shape[2], channels]);
  return {
    name: 'resnet',
    inputShape,
    outputDim: channels,
    variables: variablesOf({ ...Object.fromEntries(layers), ...(outputNorm ? { norm } : {}) }),
    apply: (input, context) => pooled(mapsOf(input, context), context),
    tokens: (input, context) => places(mapsOf(input, context)),
    withTokens: (input, context) => {
      const maps = mapsOf(input, context);
      return { tokens: places(maps), features: pooled(maps, context) };
    },
    depth: layers.length - 1,
    depthOf: (variable) => layers.findIndex(([name]) => variable.startsWith(`${name}/`)),
  };
}

/** ResNet-18: basic blocks 2, 2, 2, 2; 512 features. */
export function resnet18(options: ResnetPresetOptions): Encoder {
  return resnet({ ...options, block: 'basic', blocks: [2, 2, 2, 2] });
}

/** ResNet-34: basic blocks 3, 4, 6, 3; 512 features. */
export function resnet34(options: ResnetPresetOptions): Encoder {
  return resnet({ ...options, block: 'basic', blocks: [3, 4, 6, 3] });
}

/** ResNet-50: bottleneck blocks 3, 4, 6, 3; 2048 features. */
export function resnet50(options: ResnetPresetOptions): Encoder {
  return resnet({ ...options, block: 'bottleneck', blocks: [3, 4, 6, 3] });
}

function stemOf(options: ResnetOptions, stemWidth: number): ImageLayer {
  const { inputShape, stem = 'imagenet', stemStride } = options;
  const large = stem === 'imagenet';
  const { kernelSize, stride } = { kernelSize: large ? 7 : 3, stride: stemStride ?? (large ? 2 : 1) };
  const conv = conv2d({ inputChannels: inputShape[2], outputChannels: stemWidth, kernelSize, stride });
  const norm = batchNorm<tf.Tensor4D>({ channels: stemWidth });
  return {
    variables: variablesOf({ conv, norm }),
    apply: (input, context) => {
      const maps = conv.apply(input, context.scope('conv'));
      const active = tf.relu(norm.apply(maps, context.scope('norm')));
      return large ? tf.maxPool(active, 3, 2, 1) : active;
    },
  };
}

function requireStages(blocks: readonly number[], widths: readonly number[], strides: readonly number[]): void {
  if (blocks.length > 0 && blocks.length === widths.length && blocks.length === strides.length) return;
  throw new UnlabelError(
    'INVALID_OPTION',
    `A ResNet was given blocks [${blocks}], widths [${widths}] and strides [${strides}].`,
    { fix: 'Give each stage one number of blocks, one width and one stride.' },
  );
}

function requireImages(input: tf.Tensor, inputShape: readonly number[]): asserts input is tf.Tensor4D {
  if (input.rank === 4 && input.shape[3] === inputShape[2]) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `A ResNet was given [${input.shape}], but needs [batch, height, width, ${inputShape[2]}].`,
    { fix: 'Images are channels-last; make the encoder with the inputShape of the data.' },
  );
}
