import { UnlabelError } from '../errors';
import { type AttentionAttributes, fusedOp, runsFused } from '../fusedOp';
import { tf } from '../tf';
import { dense } from './dense';
import { type Initializer, type Layer, type LayerContext, variablesOf } from './layer';

/** Extents of an {@link attention} layer. */
export interface AttentionOptions {
  /** Length of a token. */ readonly dim: number;
  /** Heads, each of dim/heads; they divide `dim`. */ readonly heads: number;
  /** Whether queries, keys and values have biases (default true). */ readonly qkvBias?: boolean;
  /** Whether the output has one (default true). */ readonly bias?: boolean;
  /** Whether a token sees only itself and those before it, as in language models (default false). */
  readonly causal?: boolean;
  /** Of both kernels; default that of `dense`. */ readonly kernelInitializer?: Initializer;
}

/**
 * Multi-head self-attention: softmax(QKᵀ/√(dim/heads))V in each head, heads side by side, then a dense layer.
 * Variables: `qkv/kernel` `[dim, 3 dim]` with queries, keys and values side by side, `qkv/bias`, `proj/kernel`, `proj/bias`.
 * Input and output `[batch, tokens, dim]`.
 * @throws UnlabelError `INVALID_OPTION` when heads do not divide dim
 * @see Vaswani et al., NeurIPS 2017, section 3.2, https://arxiv.org/abs/1706.03762
 */
export function attention(options: AttentionOptions): Layer<tf.Tensor3D, tf.Tensor3D> {
  const { dim, heads, qkvBias = true, bias = true, causal = false, kernelInitializer } = options;
  if (dim % heads !== 0) {
    throw new UnlabelError('INVALID_OPTION', `${heads} heads do not divide a dim of ${dim}.`, {
      fix: 'Vision transformers have heads of 64.',
    });
  }
  const initializer = kernelInitializer ? { kernelInitializer } : {};
  const qkv = dense<tf.Tensor3D>({ inputDim: dim, outputDim: 3 * dim, bias: qkvBias, ...initializer });
  const proj = dense<tf.Tensor3D>({ inputDim: dim, outputDim: dim, bias, ...initializer });
  return {
    variables: variablesOf({ qkv, proj }),
    apply: (input, context) => {
      const joined = runsFused('attention')
        ? attend(qkv.apply(input, context.scope('qkv')), { heads, causal })
        : attendParted(input, thirds(context.scope('qkv'), qkvBias), { heads, causal });
      return proj.apply(joined, context.scope('proj'));
    },
  };
}

/** The attention of `[batch, tokens, 3 dim]`, queries, keys and values side by side → `[batch, tokens, dim]`. */
function attend(qkv: tf.Tensor3D, attributes: AttentionAttributes): tf.Tensor3D {
  return fusedOp('attention', { qkv }, attributes, ({ qkv }) =>
    mixed(tf.split(qkv, 3, -1), [qkv.shape[0] ?? 0, qkv.shape[1] ?? 0], attributes),
  );
}

/** The same of tokens `[batch, tokens, dim]` and what maps them to queries, keys and values. */
function attendParted(input: tf.Tensor3D, maps: ReturnType<typeof thirds>, attributes: AttentionAttributes) {
  const [batch, tokens, dim] = input.shape;
  const rows = tf.reshape<tf.Rank.R2>(input, [batch * tokens, dim]);
  const parts = maps.map(({ kernel, bias }) => {
    const product: tf.Tensor2D = tf.matMul(rows, kernel);
    return bias ? tf.add<tf.Tensor2D>(product, bias) : product;
  });
  return mixed(parts, [batch, tokens], attributes);
}

/** softmax(QKᵀ/√(dim/heads))V of queries, keys and values, each of batch · tokens · dim elements in this order. */
function mixed(
  parts: readonly tf.Tensor[],
  [batch, tokens]: readonly [number, number],
  { heads, causal }: AttentionAttributes,
): tf.Tensor3D {
  const dim = (parts[0]?.size ?? 0) / (batch * tokens);
  const [queries, keys, values] = parts.map((part) => {
    const each = tf.reshape(part, [batch, tokens, heads, dim / heads]);
    return tf.reshape<tf.Rank.R3>(tf.transpose(each, [0, 2, 1, 3]), [batch * heads, tokens, dim / heads]);
  });
  if (!queries || !keys || !values) throw new Error('tf.split gave fewer parts than it was asked for.');
  const scores = tf.mul(tf.matMul(queries, keys, false, true), Math.sqrt(heads / dim));
  const weights = tf.softmax(causal ? tf.add(scores, causalMask(tokens)) : scores);
  const byHead = tf.reshape(tf.matMul(weights, values), [batch, heads, tokens, dim / heads]);
  return tf.reshape(tf.transpose(byHead, [0, 2, 1, 3]), [batch, tokens, dim]);
}

/** Kernel and bias of queries, keys and values: parting the parameters costs less than parting the tokens. */
function thirds(context: LayerContext, biased: boolean) {
  const biases = biased ? tf.split(context.get('bias'), 3) : [];
  return tf.split<tf.Tensor2D>(context.get('kernel'), 3, 1).map((kernel, index) => ({ kernel, bias: biases[index] }));
}

/** −1e9 above the diagonal, `[tokens, tokens]`: what comes later weighs nothing. */
function causalMask(tokens: number): tf.Tensor2D {
  const later = Float32Array.from({ length: tokens * tokens }, (_, at) =>
    at % tokens > Math.floor(at / tokens) ? -1e9 : 0,
  );
  return tf.tensor2d(later, [tokens, tokens]);
}
