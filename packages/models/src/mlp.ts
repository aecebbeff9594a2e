import { type Activation, type Encoder, mlpHead, sizeOf, tf, UnlabelError } from '@unlabel/core';

/** Extents of an {@link mlp}. */
export interface MlpOptions {
  /** Without the batch axis; samples of several axes are flattened. */ readonly inputShape: readonly number[];
  /** Extents of the hidden layers (default `[512, 512]`). */ readonly hidden?: readonly number[];
  /** Length of the feature vector (default 128). */ readonly outputDim?: number;
  /** Between layers (default `'batch'`). */ readonly norm?: 'batch' | 'none';
  /** Between layers (default `'relu'`). */ readonly activation?: Activation;
}

/**
 * Multi-layer perceptron over flattened samples.
 * Variables: `layers/0/dense/kernel`, `layers/0/norm/scale`, …
 * Input `[batch, ...inputShape]`, output `[batch, outputDim]`.
 */
export function mlp(options: MlpOptions): Encoder {
  const { inputShape, hidden = [512, 512], outputDim = 128, norm = 'batch', activation = 'relu' } = options;
  const inputDim = sizeOf(inputShape);
  const layers = mlpHead({ dims: [inputDim, ...hidden, outputDim], norm, activation });
  return {
    name: 'mlp',
    inputShape,
    outputDim,
    variables: layers.variables,
    apply: (input, context) => {
      requireSamples(input, inputShape);
      return layers.apply(tf.reshape<tf.Rank.R2>(input, [-1, inputDim]), context);
    },
    depth: hidden.length,
    depthOf: (variable) => Number(variable.split('/')[1]),
  };
}

function requireSamples(input: tf.Tensor, inputShape: readonly number[]): void {
  if (tf.util.arraysEqual(input.shape.slice(1), [...inputShape])) return;
  throw new UnlabelError('SHAPE_MISMATCH', `An MLP was given [${input.shape}], but needs [batch, ${inputShape}].`, {
    fix: 'Make the encoder with the inputShape of the data.',
  });
}
