import { UnlabelError } from '../errors';
import { type FusedOps, fusedOp } from '../fusedOp';
import { tf } from '../tf';
import { analyticGradient } from './analyticGradient';
import { ones, zeros } from './initializers';
import type { Layer } from './layer';

const defaultEpsilon = 1e-6;

/** Extent and constants of a {@link layerNorm} layer. */
export interface LayerNormOptions {
  /** Length of the last axis. */ readonly dim: number;
  /** ε, added to the variance (default 1e-6, as vision transformers have it; PyTorch's default is 1e-5). */
  readonly epsilon?: number;
}

/**
 * Layer normalisation over the last axis: y = γ (x − μ)/√(σ² + ε) + β, each vector by its own μ and biased σ².
 * Variables: `scale` and `offset`, `[dim]`.
 * Input and output `[..., dim]`.
 * @see Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450
 */
export function layerNorm<T extends tf.Tensor = tf.Tensor>(options: LayerNormOptions): Layer<T, T> {
  const { dim, epsilon = defaultEpsilon } = options;
  return {
    variables: {
      scale: { shape: [dim], initial: ones, trainable: true },
      offset: { shape: [dim], initial: zeros, trainable: true },
    },
    apply: (input, context) => {
      requireDim(input, dim);
      return normalise(input, context.get('scale'), context.get('offset'), epsilon);
    },
  };
}

/**
 * The vectors of the last axis at mean 0 and variance 1, without scale and offset: what I-JEPA does to its targets.
 * @param x `[..., dim]`
 */
export function standardise<T extends tf.Tensor>(x: T, epsilon = defaultEpsilon): T {
  const dim = [x.shape.at(-1) ?? 1];
  return normalise(x, tf.ones(dim), tf.zeros(dim), epsilon);
}

function normalise<T extends tf.Tensor>(x: T, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): T {
  return fusedOp('layerNorm', { x, scale, offset }, { epsilon }, (inputs) => composed<T>(inputs, epsilon));
}

/** With x̂ = (x − μ)·rstd and g = γ dy: ∂β = Σdy, ∂γ = Σdy·x̂ and ∂x = rstd·(g − mean(g) − x̂·mean(g·x̂)). */
function composed<T extends tf.Tensor>({ x, scale, offset }: FusedOps['layerNorm']['inputs'], epsilon: number): T {
  const rows = x.shape.slice(0, -1).map((_, axis) => axis);
  return analyticGradient<T>(
    [x, scale, offset],
    () => {
      const { standard, rstd } = standardRows(x, epsilon);
      return { value: tf.add(tf.mul(standard, scale), offset), saved: [standard, rstd, scale] };
    },
    (dy, standard, rstd, scale) => {
      const dyStandard = tf.mul(dy, standard);
      const along = tf.mul(standard, scaledMean(dyStandard, scale));
      const dx = tf.mul(tf.sub(tf.sub(tf.mul(dy, scale), scaledMean(dy, scale)), along), rstd);
      return [dx, tf.sum(dyStandard, rows), tf.sum(dy, rows)];
    },
  );
}

/** x̂ = (x − μ)·rstd and rstd = 1/√(σ² + ε), `[..., 1]`, over the last axis. */
export function standardRows<T extends tf.Tensor>(x: T, epsilon = defaultEpsilon): { standard: T; rstd: tf.Tensor } {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const rstd: tf.Tensor = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return { standard: tf.mul(centred, rstd), rstd };
}

/** mean(γ·v) over the last axis, `[..., 1]`, without the products in memory. */
function scaledMean(v: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const [dim] = scale.shape;
  const sums = tf.matMul(tf.reshape(v, [-1, dim ?? 1]), tf.reshape(scale, [-1, 1]));
  return tf.reshape(tf.div(sums, dim ?? 1), [...v.shape.slice(0, -1), 1]);
}

/** @throws UnlabelError `SHAPE_MISMATCH` unless vectors of `dim` lie along the last axis */
export function requireDim(input: tf.Tensor, dim: number): void {
  if (input.shape.length > 1 && input.shape.at(-1) === dim) return;
  throw new UnlabelError('SHAPE_MISMATCH', `Layer norm was given [${input.shape}], but needs [..., ${dim}].`);
}
