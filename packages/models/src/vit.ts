import {
  dense,
  type EncodedTokens,
  type LayerContext,
  patchGrid,
  patchify,
  sinCosPositions,
  type TokenEncoder,
  tf,
  transformer,
  truncatedNormal,
  UnlabelError,
  type Variables,
  variablesOf,
  xavierUniform,
} from '@unlabel/core';

/** Extents of a {@link vit}. */
export interface VitOptions {
  /** `[height, width, channels]`. */ readonly inputShape: readonly [number, number, number];
  /** Pixels along a patch's side, a divisor of height and width (default 16). */ readonly patchSize?: number;
  /** Length of a token (default 384, ViT-S's). */ readonly dim?: number;
  /** Blocks (default 12). */ readonly depth?: number;
  /** Attention heads, which divide `dim` (default dim/64, at least 1). */ readonly heads?: number;
  /** Hidden extent of the MLPs, in dims (default 4). */ readonly mlpRatio?: number;
  /** Features: the mean of the patch tokens, or the class token (default `'mean'`). */ readonly pooling?: Pooling;
  /** Default `'sin-cos'`, fixed, for any image size; `'learned'` ones are for `inputShape` alone. */
  readonly positions?: Positions;
  /** Extra learned tokens that take up what patch tokens otherwise would (default 0; https://arxiv.org/abs/2309.16588). */
  readonly registers?: number;
  /** Stochastic depth at the last block, in [0, 1) (default 0). */ readonly dropPath?: number;
}

/** How tokens become one feature vector. */
export type Pooling = 'mean' | 'cls';

/** Where positions come from. */
export type Positions = 'sin-cos' | 'learned';

/** A {@link vit}'s options where a preset has settled the extents. */
export type VitPresetOptions = Omit<VitOptions, 'dim' | 'depth' | 'heads' | 'mlpRatio'>;

/**
 * Vision transformer: patches through a dense layer, positions, pre-norm blocks, layer norm.
 * Variables: `patches/kernel`, `classToken`, `registers`, `positions`, `blocks/0/attention/qkv/kernel`, …, `norm/scale`.
 * Input `[batch, height, width, channels]`, of any size that patches divide; output `[batch, dim]`.
 * @throws UnlabelError `INVALID_OPTION` when patches do not divide the image, naming the nearest sizes that they do
 * @see Dosovitskiy et al., ICLR 2021, https://arxiv.org/abs/2010.11929
 */
export function vit(options: VitOptions): TokenEncoder {
  const { inputShape, patchSize = 16, dim = 384, depth = 12, heads = Math.max(1, Math.floor(dim / 64)) } = options;
  const { mlpRatio = 4, pooling = 'mean', positions = 'sin-cos', registers = 0, dropPath = 0 } = options;
  const [height, width, channels] = inputShape;
  const grid = patchGrid([height, width], patchSize);
  const special = { pooling, registers, dim };
  const inputDim = patchSize * patchSize * channels;
  const patches = dense<tf.Tensor3D>({ inputDim, outputDim: dim, kernelInitializer: xavierUniform });
  const trunk = transformer({ dim, depth, heads, mlpRatio, dropPath });
  const stages: Pick<TokenEncoder, 'embed' | 'positions' | 'encode'> = {
    embed: (input, context) => {
      requireImages(input, channels);
      return patches.apply(patchify(input, patchSize), context.scope('patches'));
    },
    positions: (context, shown = grid) =>
      positions === 'sin-cos' ? sinCosPositions(shown, dim) : learnedPositions(context, grid, shown, dim),
    encode: (tokens, context) => pooled(trunk.apply(withSpecial(tokens, context, special), context), special),
  };
  const whole = (input: tf.Tensor, context: LayerContext) => {
    const tokens = stages.embed(input, context);
    const shown = patchGrid([input.shape[1] ?? 0, input.shape[2] ?? 0], patchSize);
    return stages.encode(tf.add(tokens, stages.positions(context, shown)), context);
  };
  return {
    name: 'vit',
    inputShape,
    outputDim: dim,
    tokenDim: dim,
    grid,
    variables: {
      ...variablesOf({ patches }),
      ...ownVariables(special, positions === 'learned' ? grid[0] * grid[1] : 0),
      ...trunk.variables,
    },
    ...stages,
    tokens: (input, context) => whole(input, context).tokens,
    withTokens: whole,
    apply: (input, context) => whole(input, context).features,
    depth: depth + 1,
    depthOf: (variable) => depthOf(variable, depth),
  };
}

/** ViT-Ti: 12 blocks of 192, 3 heads (Touvron et al. 2021). */
export function vitTiny(options: VitPresetOptions): TokenEncoder {
  return vit({ ...options, dim: 192, depth: 12, heads: 3 });
}

/** ViT-S: 12 blocks of 384, 6 heads (Touvron et al. 2021). */
export function vitSmall(options: VitPresetOptions): TokenEncoder {
  return vit({ ...options, dim: 384, depth: 12, heads: 6 });
}

/** ViT-B: 12 blocks of 768, 12 heads. */
export function vitBase(options: VitPresetOptions): TokenEncoder {
  return vit({ ...options, dim: 768, depth: 12, heads: 12 });
}

interface SpecialTokens {
  readonly pooling: Pooling;
  readonly registers: number;
  readonly dim: number;
}

/** Class token, registers and learned positions, each where there are some. */
function ownVariables({ pooling, registers, dim }: SpecialTokens, positions: number): Variables {
  const learned = (shape: number[]) => ({ shape, initial: truncatedNormal(), trainable: true });
  return {
    ...(pooling === 'cls' ? { classToken: learned([dim]) } : {}),
    ...(registers > 0 ? { registers: learned([registers, dim]) } : {}),
    ...(positions > 0 ? { positions: learned([positions, dim]) } : {}),
  };
}

/** Class token and registers before the tokens; added to zeros, because the gradient of `tf.tile` is a loop of slices. */
function withSpecial(tokens: tf.Tensor3D, context: LayerContext, special: SpecialTokens): tf.Tensor3D {
  const { pooling, registers, dim } = special;
  const repeated = (name: string, count: number): tf.Tensor3D =>
    tf.add(tf.zeros([tokens.shape[0], count, dim]), context.get(name));
  const before = [
    ...(pooling === 'cls' ? [repeated('classToken', 1)] : []),
    ...(registers > 0 ? [repeated('registers', registers)] : []),
  ];
  return before.length > 0 ? tf.concat([...before, tokens], 1) : tokens;
}

/** Patch tokens, and the feature vector that the class token or their mean is. */
function pooled(all: tf.Tensor3D, { pooling, registers }: SpecialTokens): EncodedTokens {
  const [first, others] = [pooling === 'cls' ? 1 : 0, registers];
  const tokens = first + others > 0 ? tf.slice(all, [0, first + others, 0], [-1, -1, -1]) : all;
  const features: tf.Tensor2D =
    pooling === 'cls' ? tf.squeeze(tf.slice(all, [0, 0, 0], [-1, 1, -1]), [1]) : tf.mean(tokens, 1);
  return { tokens, features };
}

function learnedPositions(
  context: LayerContext,
  [rows, columns]: readonly [number, number],
  shown: readonly number[],
  dim: number,
): tf.Tensor2D {
  if (shown[0] === rows && shown[1] === columns) return tf.reshape(context.get('positions'), [rows * columns, dim]);
  throw new UnlabelError('SHAPE_MISMATCH', `Positions were learned for ${rows} × ${columns} patches, not ${shown}.`, {
    fix: "Use positions: 'sin-cos' for images of several sizes.",
  });
}

/** Patches and what joins them are at 0, block i at i + 1, the last norm at the end. */
function depthOf(variable: string, depth: number): number {
  const [scope, block] = variable.split('/');
  if (scope === 'blocks') return Number(block) + 1;
  return scope === 'norm' ? depth + 1 : 0;
}

function requireImages(input: tf.Tensor, channels: number): asserts input is tf.Tensor4D {
  if (input.rank === 4 && input.shape[3] === channels) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `A ViT was given [${input.shape}], but needs [batch, height, width, ${channels}].`,
    { fix: 'Images are channels-last; make the encoder with the inputShape of the data.' },
  );
}
