import { UnlabelError } from './errors';
import type { Layer, LayerContext } from './nn/layer';
import type { tf } from './tf';

/** How raw samples were turned into the encoder's input, kept so that an exported encoder can be fed rightly. */
export interface Preprocessing {
  /** Per channel, of values scaled to [0, 1]. */ readonly mean: readonly number[];
  /** Per channel. */ readonly std: readonly number[];
}

/** A network that turns a batch of inputs into one feature vector each. */
export interface Encoder extends Layer<tf.Tensor, tf.Tensor2D> {
  /** Architecture name, such as `resnet` or `vit`. */ readonly name: string;
  /** Input shape without the batch axis; images are `[height, width, channels]`. */
  readonly inputShape: readonly number[];
  /** Length of the feature vector. */ readonly outputDim: number;
  /** Features `[batch, outputDim]` of inputs `[batch, ...inputShape]`. */
  apply(input: tf.Tensor, context: LayerContext): tf.Tensor2D;
  /** Patch or position tokens `[batch, tokens, dim]`, for encoders that have them. */
  tokens?(input: tf.Tensor, context: LayerContext): tf.Tensor3D;
  /** The features of `apply` and the tokens of `tokens` in one pass, for objectives that train both. */
  withTokens?(input: tf.Tensor, context: LayerContext): EncodedTokens;
  /** Depth of a variable from the input, 0 … depth, for layer-wise learning rates. */
  depthOf?(variable: string): number;
  /** The largest value of `depthOf`. */ readonly depth?: number;
}

/** What comes out of the blocks of a {@link TokenEncoder}, or out of an encoder's `withTokens`. */
export interface EncodedTokens {
  /** `[batch, tokens, tokenDim]`, one for each token that went in. */ readonly tokens: tf.Tensor3D;
  /** Pooled, `[batch, outputDim]`: what `apply` gives. */ readonly features: tf.Tensor2D;
}

/** An encoder whose stages masked and predictive objectives call one by one: embed, mask or add positions, drop, encode. */
export interface TokenEncoder extends Encoder {
  /** Tokens along each axis of the input, such as `[14, 14]`; tokens run along the last axis first. */
  readonly grid: readonly number[];
  /** Length of a token. */ readonly tokenDim: number;
  /** Tokens of the input without positions, `[batch, tokens, tokenDim]`. */
  embed(input: tf.Tensor, context: LayerContext): tf.Tensor3D;
  /** What to add to the tokens of a grid (default: `grid`), `[tokens, tokenDim]`. */
  positions(context: LayerContext, grid?: readonly number[]): tf.Tensor2D;
  /** The blocks over tokens with positions, or over any of them, `[batch, kept, tokenDim]`. */
  encode(tokens: tf.Tensor3D, context: LayerContext): EncodedTokens;
  tokens(input: tf.Tensor, context: LayerContext): tf.Tensor3D;
}

/** Whether an encoder has the stages that masked and predictive objectives need. */
export function isTokenEncoder(encoder: Encoder): encoder is TokenEncoder {
  return 'grid' in encoder && 'tokenDim' in encoder;
}

/**
 * The encoder, if it has those stages.
 * @param objective who asks
 * @throws UnlabelError `INVALID_OPTION`
 */
export function requireTokenEncoder(encoder: Encoder, objective: string): TokenEncoder {
  if (isTokenEncoder(encoder)) return encoder;
  throw new UnlabelError('INVALID_OPTION', `${objective} works on tokens, which the encoder ${encoder.name} lacks.`, {
    fix: 'Give it a vision transformer, or any other TokenEncoder.',
  });
}
