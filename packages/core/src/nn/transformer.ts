import { tf } from '../tf';
import type { Activation } from './activations';
import { afterNorm } from './afterNorm';
import { attention } from './attention';
import { dropPath } from './dropout';
import { truncatedNormal } from './initializers';
import { type Initializer, type Layer, variablesOf } from './layer';
import { layerNorm, requireDim } from './layerNorm';
import { mlpHead } from './mlpHead';

/** Extents of a {@link transformerBlock}. */
export interface TransformerBlockOptions {
  /** Length of a token. */ readonly dim: number;
  /** Attention heads; they divide `dim`. */ readonly heads: number;
  /** Hidden extent of the MLP, in dims (default 4). */ readonly mlpRatio?: number;
  /** Of the MLP (default `'gelu'`). */ readonly activation?: Activation;
  /** Share of samples whose branches are skipped while training, in [0, 1) (default 0). */ readonly dropPath?: number;
  /** Whether a token sees only itself and those before it (default false). */ readonly causal?: boolean;
  /** Of all kernels (default a truncated normal of 0.02). */ readonly kernelInitializer?: Initializer;
}

/** Extents of a {@link transformer}. */
export interface TransformerOptions extends TransformerBlockOptions {
  /** Blocks. */ readonly depth: number;
}

/**
 * Blocks one after the other, then a layer norm. `dropPath` grows from 0 at the first block to its value at the last.
 * Variables: `blocks/0/norm1/scale`, …, `norm/scale`, `norm/offset`.
 * Input and output `[batch, tokens, dim]`.
 */
export function transformer(options: TransformerOptions): Layer<tf.Tensor3D, tf.Tensor3D> {
  const { dim, depth, dropPath: rate = 0 } = options;
  const blocks = Array.from({ length: depth }, (_, index): [string, Layer<tf.Tensor3D, tf.Tensor3D>] => [
    `blocks/${index}`,
    transformerBlock({ ...options, dropPath: depth > 1 ? (rate * index) / (depth - 1) : rate }),
  ]);
  const layers = [...blocks, ['norm', layerNorm<tf.Tensor3D>({ dim })] as const];
  return {
    variables: variablesOf(Object.fromEntries(layers)),
    apply: (input, context) =>
      layers.reduce((tokens, [name, layer]) => layer.apply(tokens, context.scope(name)), input),
  };
}

/**
 * Pre-norm block: t ← t + attention(norm(t)), t ← t + mlp(norm(t)).
 * Variables: `norm1/…`, `attention/qkv/…`, `attention/proj/…`, `norm2/…`, `mlp/layers/0/dense/…`, `mlp/layers/1/dense/…`.
 * Input and output `[batch, tokens, dim]`.
 * @see Dosovitskiy et al., ICLR 2021, eqs. 2–3, https://arxiv.org/abs/2010.11929
 */
export function transformerBlock(options: TransformerBlockOptions): Layer<tf.Tensor3D, tf.Tensor3D> {
  const { dim, heads, mlpRatio = 4, activation = 'gelu', dropPath: rate = 0, causal = false } = options;
  const { kernelInitializer = truncatedNormal() } = options;
  const dims = [dim, mlpRatio * dim, dim];
  const branches = {
    norm1: layerNorm<tf.Tensor3D>({ dim }),
    attention: attention({ dim, heads, causal, kernelInitializer }),
    norm2: layerNorm<tf.Tensor3D>({ dim }),
    mlp: mlpHead<tf.Tensor3D>({ dims, norm: 'none', activation, kernelInitializer }),
  };
  const [norm1, norm2] = [
    { name: 'norm1', layer: branches.norm1 },
    { name: 'norm2', layer: branches.norm2 },
  ];
  const attend = afterNorm(norm1, { name: 'attention', layer: branches.attention }, ['qkv']);
  const think = afterNorm(norm2, { name: 'mlp', layer: branches.mlp }, ['layers/0', 'dense']);
  const skip = dropPath<tf.Tensor3D>(rate);
  return {
    variables: variablesOf(branches),
    apply: (input, context) => {
      requireDim(input, dim);
      const tokens = tf.add<tf.Tensor3D>(input, skip.apply(attend(input, context), context.scope('attention')));
      return tf.add(tokens, skip.apply(think(tokens, context), context.scope('mlp')));
    },
  };
}
