import { UnlabelError } from '../errors';
import type { tf } from '../tf';
import { type Activation, activation } from './activations';
import { batchNorm } from './batchNorm';
import { dense } from './dense';
import type { Initializer, Layer } from './layer';
import { type Part, sequential } from './sequential';

/** Extents and parts of an {@link mlpHead}. */
export interface MlpHeadOptions {
  /** Input, hidden and output extents, such as `[128, 512, 128]`. */ readonly dims: readonly number[];
  /** Between hidden layers (default `'batch'`). */ readonly norm?: 'batch' | 'none';
  /** After the last layer (default `'none'`); SimSiam's is batch norm without scale and offset, `'batch-no-affine'`. */
  readonly finalNorm?: 'batch' | 'batch-no-affine' | 'none';
  /** Between hidden layers (default `'relu'`). */ readonly activation?: Activation;
  /** Whether the last layer has a bias (default true); a batch norm after it rules one out. */
  readonly finalBias?: boolean;
  /** Of every kernel; default that of `dense`. */ readonly kernelInitializer?: Initializer;
}

/**
 * Projector or predictor: dense layers with norm and activation between them. Layers before a batch norm have no bias.
 * Variables: `layers/0/dense/kernel`, `layers/0/norm/scale`, …
 * Input `[batch, dims[0]]`, output `[batch, dims.at(-1)]`; without norms, any leading axes.
 * @throws UnlabelError `INVALID_OPTION` for fewer than two extents
 */
export function mlpHead<T extends tf.Tensor = tf.Tensor2D>(options: MlpHeadOptions): Layer<T, T>;
export function mlpHead(options: MlpHeadOptions): Layer {
  const { dims, norm = 'batch', finalNorm = 'none', finalBias = true, activation: between = 'relu' } = options;
  if (dims.length < 2) {
    throw new UnlabelError('INVALID_OPTION', `dims is [${dims}].`, { fix: 'Give input and output extents at least.' });
  }
  const last = dims.length - 2;
  const layers = dims.slice(1).map((outputDim, index): readonly [string, Layer] => {
    const layerNorm = index < last ? norm : finalNorm;
    const bias = layerNorm === 'none' && (index < last || finalBias);
    const { kernelInitializer } = options;
    const extents = { inputDim: dims[index] ?? 0, outputDim, bias };
    const parts: Record<string, Part> = {
      dense: dense(kernelInitializer ? { ...extents, kernelInitializer } : extents),
    };
    if (layerNorm !== 'none') parts.norm = batchNorm({ channels: outputDim, affine: layerNorm === 'batch' });
    if (index < last) parts.activation = activation(between);
    return [`layers/${index}`, sequential(parts)];
  });
  return sequential(Object.fromEntries(layers));
}
