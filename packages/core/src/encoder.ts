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
  /** Input shape without the batch axis; images are `[height, width, channels]`. */ readonly inputShape: readonly number[];
  /** Length of the feature vector. */ readonly outputDim: number;
  /** Features `[batch, outputDim]` of inputs `[batch, ...inputShape]`. */
  apply(input: tf.Tensor, context: LayerContext): tf.Tensor2D;
  /** Patch or position tokens `[batch, tokens, dim]`, for encoders that have them. */
  tokens?(input: tf.Tensor, context: LayerContext): tf.Tensor3D;
  /** Depth of a variable from the input, 0 … depth, for layer-wise learning rates. */
  depthOf?(variable: string): number;
  /** The largest value of `depthOf`. */ readonly depth?: number;
}
