import { UnlabelError } from '../errors';
import { sizeOf } from '../hostTensor';
import { tf } from '../tf';
import { analyticGradient } from './analyticGradient';
import { ones, zeros } from './initializers';
import type { Initializer, Layer, LayerContext } from './layer';

/** Extent and constants of a {@link batchNorm} layer. */
export interface BatchNormOptions {
  /** Length of the last axis. */ readonly channels: number;
  /** Whether a learned scale and offset follow (default true). */ readonly affine?: boolean;
  /** Default ones; zeros make a residual branch start silent. */ readonly scaleInitializer?: Initializer;
  /** ε, added to the variance (default 1e-5). */ readonly epsilon?: number;
  /** Share of the batch's statistics in the running ones (default 0.1), as in PyTorch. */ readonly momentum?: number;
}

/**
 * Batch normalisation over all axes but the last: y = γ (x − μ)/√(σ² + ε) + β, with the batch's μ and biased σ² while
 * training, and running ones (unbiased variance) after.
 * Variables, all `[channels]`: `scale`, `offset`, and not trainable `runningMean`, `runningVariance`.
 * Input and output `[..., channels]`.
 * @throws UnlabelError from `apply`: `SHAPE_MISMATCH`; while training, `BATCH_TOO_SMALL` with one value a channel
 * @see Ioffe & Szegedy, ICML 2015, https://arxiv.org/abs/1502.03167
 */
export function batchNorm<T extends tf.Tensor = tf.Tensor>(options: BatchNormOptions): Layer<T, T> {
  const { channels, affine = true, scaleInitializer = ones, epsilon = 1e-5, momentum = 0.1 } = options;
  const shape = [channels];
  const running = {
    runningMean: { shape, initial: zeros, trainable: false },
    runningVariance: { shape, initial: ones, trainable: false },
  };
  const learned = {
    scale: { shape, initial: scaleInitializer, trainable: true },
    offset: { shape, initial: zeros, trainable: true },
  };
  return {
    variables: affine ? { ...learned, ...running } : running,
    apply: (input, context) => {
      requireChannels(input, channels);
      const scale = affine ? context.get('scale') : tf.ones(shape);
      const offset = affine ? context.get('offset') : tf.zeros(shape);
      if (!context.training) {
        const rstd = tf.rsqrt(tf.add(context.get('runningVariance'), epsilon));
        return scaleAndShift(input, scale, offset, context.get('runningMean'), rstd);
      }
      const { mean, variance } = batchStatistics(input);
      updateRunning(context, mean, variance, sizeOf(input.shape) / channels, momentum);
      return normalise(input, scale, offset, mean, tf.rsqrt(tf.add(variance, epsilon)));
    },
  };
}

/** Two passes: E[x²] − μ² would lose the variance of a nearly constant channel, as in a collapsing projector. */
function batchStatistics(x: tf.Tensor): { readonly mean: tf.Tensor; readonly variance: tf.Tensor } {
  const axes = leadingAxes(x);
  const mean = tf.mean(x, axes);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), axes) };
}

function updateRunning(context: LayerContext, mean: tf.Tensor, variance: tf.Tensor, count: number, momentum: number) {
  if (count < 2) {
    throw new UnlabelError('BATCH_TOO_SMALL', 'Batch norm was given one value a channel, whose variance is unknown.', {
      fix: 'Train with two samples or more in a batch.',
    });
  }
  const blend = (name: string, batch: tf.Tensor, share: number) =>
    context.update(name, tf.add(tf.mul(context.get(name), 1 - momentum), tf.mul(batch, share)));
  blend('runningMean', mean, momentum);
  blend('runningVariance', variance, (momentum * count) / (count - 1)); // unbiased
}

/** x·(γ·rstd) + (β − μ·γ·rstd): two passes over x, whatever the layout. */
function scaleAndShift<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor,
  offset: tf.Tensor,
  mean: tf.Tensor,
  rstd: tf.Tensor,
): T {
  const slope = tf.mul(scale, rstd);
  return tf.add(tf.mul(x, slope), tf.sub(offset, tf.mul(mean, slope)));
}

/**
 * With x̂ = (x − μ)·rstd: ∂β = Σdy, ∂γ = Σdy·x̂ and ∂x = γ·rstd·(dy − ∂β/n − x̂·∂γ/n), the last arranged as
 * a·dy + b·x + c with a vector each, so that nothing of the size of x but x itself is kept for it.
 */
function normalise<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor,
  offset: tf.Tensor,
  mean: tf.Tensor,
  rstd: tf.Tensor,
): T {
  const axes = leadingAxes(x);
  const count = sizeOf(x.shape.slice(0, -1));
  return analyticGradient<T>(
    [x, scale, offset],
    () => ({ value: scaleAndShift(x, scale, offset, mean, rstd), saved: [x, scale, mean, rstd] }),
    (dy, x, scale, mean, rstd) => {
      const dOffset = tf.sum(dy, axes);
      const dScale = tf.mul(rstd, tf.sub(tf.sum(tf.mul(dy, x), axes), tf.mul(mean, dOffset)));
      const a = tf.mul(scale, rstd);
      const b = tf.mul(tf.mul(a, rstd), tf.mul(dScale, -1 / count));
      const c = tf.sub(tf.mul(a, tf.mul(dOffset, -1 / count)), tf.mul(b, mean));
      return [tf.add(tf.add(tf.mul(dy, a), tf.mul(x, b)), c), dScale, dOffset];
    },
  );
}

function leadingAxes(x: tf.Tensor): number[] {
  return x.shape.slice(0, -1).map((_, axis) => axis);
}

function requireChannels(input: tf.Tensor, channels: number): void {
  if (input.shape.length > 1 && input.shape.at(-1) === channels) return;
  throw new UnlabelError('SHAPE_MISMATCH', `Batch norm was given [${input.shape}], but needs [..., ${channels}].`);
}
