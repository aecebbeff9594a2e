import {
  type Layer,
  mlpHead,
  prototypeScores,
  prototypes,
  scaleGradient,
  type tf,
  truncatedNormal,
  variablesOf,
} from '@unlabel/core';

/** Extents of a {@link dinoHead}. */
export interface DinoHeadOptions {
  /** Widths between input and bottleneck, GELU after each (default `[2048, 2048]`). */ hidden?: readonly number[];
  /** Length of ẑ, which is compared with prototypes (default 256). */ bottleneck?: number;
  /** How many prototypes, the length of a row of logits (default 65536). */ prototypes?: number;
}

/** A head whose prototypes can be held still. */
export interface DinoHead extends Layer<tf.Tensor2D, tf.Tensor2D> {
  /** The same head, whose prototypes see `live` times their gradient: 0 while they are frozen, then 1. */
  learning(live: tf.Scalar): DinoHead;
}

/**
 * DINO's projection head: dense layers with GELU between them and no norm, ẑ = z/‖z‖, and cosines with prototypes, which
 * is a last layer with weight norm whose gain stays 1.
 * Variables: `mlp/layers/0/dense/kernel`, …, `prototypes/kernel` `[prototypes, bottleneck]`.
 * Input `[rows, inputDim]`, output `[rows, prototypes]`, logits in [−1, 1].
 * @see Caron et al., ICCV 2021, appendix C, https://arxiv.org/abs/2104.14294
 */
export function dinoHead(inputDim: number, options: DinoHeadOptions = {}): DinoHead {
  const { hidden = [2048, 2048], bottleneck = 256, prototypes: count = 65536 } = options;
  const kernelInitializer = truncatedNormal();
  const mlp = mlpHead({ dims: [inputDim, ...hidden, bottleneck], norm: 'none', activation: 'gelu', kernelInitializer });
  const variables = variablesOf({ mlp, prototypes: prototypes({ dim: bottleneck, count }) });
  const withKernel = (ofKernel: (kernel: tf.Tensor) => tf.Tensor): DinoHead => ({
    variables,
    apply: (h, context) =>
      prototypeScores(mlp.apply(h, context.scope('mlp')), ofKernel(context.get('prototypes/kernel'))),
    learning: (live) => withKernel((kernel) => scaleGradient(kernel, live)),
  });
  return withKernel((kernel) => kernel);
}
