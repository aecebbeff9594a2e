import { UnlabelError } from '../errors';
import { tf } from '../tf';
import { kaimingUniform, zeros } from './initializers';
import type { Initializer, Layer } from './layer';

/** Extents and variables of a {@link dense} layer. */
export interface DenseOptions {
  readonly inputDim: number;
  readonly outputDim: number;
  /** Default true; leave it out in front of batch norm, where its gradient is 0 and Adam would amplify the rounding. */
  readonly bias?: boolean;
  /** Default U(±1/√inputDim), as PyTorch's. */ readonly kernelInitializer?: Initializer;
}

/**
 * y = xW + b over the last axis.
 * Variables: `kernel` `[inputDim, outputDim]`, `bias` `[outputDim]`.
 * Input `[..., inputDim]`, output `[..., outputDim]`.
 */
export function dense<T extends tf.Tensor = tf.Tensor2D>(options: DenseOptions): Layer<T, T>;
export function dense(options: DenseOptions): Layer {
  const { inputDim, outputDim, bias = true } = options;
  const { kernelInitializer = kaimingUniform({ gain: 1 / Math.sqrt(3) }) } = options;
  const kernel = { shape: [inputDim, outputDim], initial: kernelInitializer, trainable: true };
  const offset = { shape: [outputDim], initial: zeros, trainable: true };
  return {
    variables: bias ? { kernel, bias: offset } : { kernel },
    apply: (input, context) => {
      requireLastAxis(input, inputDim);
      // In two axes: the gradient of tf.matMul does not sum over batches that share a kernel.
      const rows = tf.reshape<tf.Rank.R2>(input, [-1, inputDim]);
      const product: tf.Tensor2D = tf.matMul(rows, context.get('kernel'));
      const output: tf.Tensor2D = bias ? tf.add(product, context.get('bias')) : product;
      return tf.reshape(output, [...input.shape.slice(0, -1), outputDim]);
    },
  };
}

function requireLastAxis(input: tf.Tensor, inputDim: number): void {
  if (input.shape.at(-1) === inputDim) return;
  throw new UnlabelError('SHAPE_MISMATCH', `dense was given [${input.shape}], but its inputDim is ${inputDim}.`, {
    fix: 'The last axis must have inputDim elements.',
  });
}
