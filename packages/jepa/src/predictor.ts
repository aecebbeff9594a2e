import {
  dense,
  type Layer,
  type LayerContext,
  sinCosPositions,
  tf,
  transformer,
  truncatedNormal,
  UnlabelError,
  type Variables,
  variablesOf,
} from '@unlabel/core';

/** Extents of a predictor. */
export interface PredictorOptions {
  /** Length of its tokens, a multiple of 4 (default 384). */ readonly predictorDim?: number;
  /** Blocks (default 12). */ readonly predictorDepth?: number;
  /** Attention heads, which divide `predictorDim` (default predictorDim/32, at least 1). */ readonly predictorHeads?: number;
}

/** What a predictor is made for. */
export interface PredictorGrid {
  /** Rows and columns of patches. */ readonly grid: readonly number[];
  /** Length of the encoder's tokens. */ readonly tokenDim: number;
}

/** What a predictor sees of a batch. */
export interface PredictorInput {
  /** Encoded tokens, `[batch, contextTokens, tokenDim]`. */ readonly context: tf.Tensor3D;
  /** Where they stand, int32 `[batch, contextTokens]`. */ readonly contextAt: tf.Tensor2D;
  /** Where the tokens to predict stand, int32 `[batch, blocks, targetTokens]`. */ readonly targetsAt: tf.Tensor3D;
}

/** A narrow transformer that guesses tokens from others. */
export interface Predictor {
  /** `embed/…`, `maskToken`, `blocks/0/…`, `norm/…` and `project/…`. */ readonly variables: Variables;
  /** Tokens of the target blocks, each block guessed on its own, `[batch · blocks, targetTokens, tokenDim]`. */
  apply(input: PredictorInput, context: LayerContext): tf.Tensor3D;
}

/**
 * I-JEPA's predictor: encoded context tokens, made narrower, beside a learned token for each patch to predict, all with
 * positions, through a transformer; what comes out at the latter, made wide again, is the prediction.
 * @throws UnlabelError `INVALID_OPTION` when heads do not divide predictorDim, or 4 does not
 * @see Assran et al., CVPR 2023, sec. 3, https://arxiv.org/abs/2301.08243
 */
export function predictor({ grid, tokenDim }: PredictorGrid, options: PredictorOptions = {}): Predictor {
  const { predictorDim: dim = 384, predictorDepth: depth = 12 } = options;
  const { predictorHeads: heads = Math.max(1, Math.floor(dim / 32)) } = options;
  requireDim(dim);
  const kernelInitializer = truncatedNormal();
  const embed = dense<tf.Tensor3D>({ inputDim: tokenDim, outputDim: dim, kernelInitializer });
  const project = dense<tf.Tensor3D>({ inputDim: dim, outputDim: tokenDim, kernelInitializer });
  const trunk: Layer<tf.Tensor3D, tf.Tensor3D> = transformer({ dim, depth, heads });
  const maskToken = { shape: [dim], initial: truncatedNormal(), trainable: true };
  return {
    variables: { ...variablesOf({ embed, project }), maskToken, ...trunk.variables },
    apply: ({ context: encoded, contextAt, targetsAt }, context) => {
      const positions = sinCosPositions(grid, dim);
      const [batch, blocks, count] = targetsAt.shape;
      const shown = tf.add<tf.Tensor3D>(embed.apply(encoded, context.scope('embed')), tf.gather(positions, contextAt));
      const asked = tf.add(tf.gather(positions, targetsAt), context.get('maskToken'));
      const sequences: tf.Tensor3D = tf.concat3d(
        [repeat(shown, blocks), tf.reshape(asked, [batch * blocks, count, dim])],
        1,
      );
      const guessed = tf.slice3d(trunk.apply(sequences, context), [0, contextAt.shape[1], 0], [-1, -1, -1]);
      return project.apply(guessed, context.scope('project'));
    },
  };
}

/** Each sample's tokens so many times, one after the other, `[batch · times, tokens, dim]`. */
function repeat(tokens: tf.Tensor3D, times: number): tf.Tensor3D {
  const [batch, count, dim] = tokens.shape;
  const added = tf.add(tf.zeros([batch, times, count, dim]), tf.expandDims(tokens, 1)); // the gradient of tf.tile is a loop of slices
  return tf.reshape(added, [batch * times, count, dim]);
}

function requireDim(dim: number): void {
  if (dim % 4 === 0) return;
  throw new UnlabelError('INVALID_OPTION', `predictorDim is ${dim}.`, {
    fix: 'Give a multiple of 4: rows and columns each have sines and cosines in the positions.',
  });
}
