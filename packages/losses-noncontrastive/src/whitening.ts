import { type Layer, type LayerContext, tf, UnlabelError, zeros } from '@unlabel/core';
import { inverseCholesky } from './cholesky';

export interface WhitenOptions {
  /** ε, share of the identity in the covariance, in [0, 1] (default 0; above it a batch may hold fewer samples than dimensions). */ epsilon?: number;
  /** Triangular and exact, or symmetric and by Newton's method, which turns the axes least (default `'cholesky'`). */ method?: WhiteningMethod;
  /** Newton steps of `'iterative'`, from 1 (default 5, the paper's); more bring the covariance nearer to I. */ iterations?: number;
}

/** How {@link whiten} finds W. */
export type WhiteningMethod = 'cholesky' | 'iterative';

/**
 * W (z − μ), where W Σ Wᵀ = I: samples with mean 0 and covariance I. Σ is the batch's unbiased covariance, blended to
 * (1 − ε) Σ + ε I. `'cholesky'` has W = L⁻¹ with Σ = L Lᵀ (W-MSE), `'iterative'` has W ≈ Σ^{−½} (IterNorm).
 * @param z `[batch, dim]`, or `[groups, batch, dim]`, where each group is whitened by itself
 * @returns the shape of z
 * @throws UnlabelError `BATCH_TOO_SMALL` when the covariance has no inverse, `INVALID_OPTION`, `SHAPE_MISMATCH`
 * @see Siarohin, Sangineto & Sebe, ICLR 2019, https://arxiv.org/abs/1806.00420
 * @see Huang et al., Iterative Normalization, CVPR 2019, https://arxiv.org/abs/1904.03441
 */
export function whiten<T extends tf.Tensor2D | tf.Tensor3D>(z: T, options?: WhitenOptions): T;
export function whiten(z: tf.Tensor, options: WhitenOptions = {}): tf.Tensor {
  requireWhitenable(z, options);
  return tf.tidy(() => {
    const [batch = 1, dim = 1] = z.shape.slice(-2);
    const groups: tf.Tensor3D = tf.reshape(z, [-1, batch, dim]);
    const { centred, covariance } = momentsOf(groups);
    return tf.reshape(tf.matMul(centred, whiteningMatrix(covariance, options), false, true), z.shape);
  });
}

interface Moments {
  /** z − μ, `[groups, batch, dim]`. */ readonly centred: tf.Tensor3D;
  /** μ, `[groups, 1, dim]`. */ readonly mean: tf.Tensor3D;
  /** Σ, `[groups, dim, dim]`. */ readonly covariance: tf.Tensor3D;
}

function momentsOf(z: tf.Tensor3D): Moments {
  const mean: tf.Tensor3D = tf.mean(z, 1, true);
  const centred = tf.sub<tf.Tensor3D>(z, mean);
  return { mean, centred, covariance: tf.div(tf.matMul(centred, centred, true), z.shape[1] - 1) };
}

/** W of Σ, both `[groups, dim, dim]`. */
function whiteningMatrix(covariance: tf.Tensor3D, options: WhitenOptions): tf.Tensor3D {
  const { epsilon = 0, method = 'cholesky', iterations = 5 } = options;
  const blended: tf.Tensor3D = tf.add(tf.mul(1 - epsilon, covariance), tf.mul(epsilon, tf.eye(covariance.shape[1])));
  return method === 'cholesky' ? inverseCholesky(blended) : inverseSquareRoot(blended, iterations);
}

/**
 * Σ^{−½} by Newton's method, IterNorm's eq. 6, from Σ over its trace, whose eigenvalues lie in [0, 1]. The root Y is carried
 * along (Higham's coupled form): Z₊ = ½ (3I − Z Y) Z alone, with Y = Σ Z, would let rounding errors grow.
 */
function inverseSquareRoot(covariance: tf.Tensor3D, iterations: number): tf.Tensor3D {
  const identity = tf.eye(covariance.shape[1]);
  const trace = tf.sum(tf.mul(covariance, identity), [1, 2], true);
  let root: tf.Tensor3D = tf.div(covariance, trace);
  let inverse: tf.Tensor3D = tf.add(tf.zerosLike(root), identity);
  for (let step = 0; step < iterations; step++) {
    const half: tf.Tensor3D = tf.mul(0.5, tf.sub(tf.mul(3, identity), tf.matMul(inverse, root)));
    root = tf.matMul(root, half);
    inverse = tf.matMul(half, inverse);
  }
  return tf.mul(inverse, tf.rsqrt(trace));
}

function requireWhitenable(z: tf.Tensor, { epsilon = 0, method = 'cholesky', iterations = 5 }: WhitenOptions): void {
  const [batch = 0, dim = 0] = z.shape.slice(-2);
  if (z.rank !== 2 && z.rank !== 3) {
    throw new UnlabelError('SHAPE_MISMATCH', `z is [${z.shape}], but needs [batch, dim] or [groups, batch, dim].`);
  }
  if (!(epsilon >= 0 && epsilon <= 1)) {
    throw new UnlabelError('INVALID_OPTION', `epsilon is ${epsilon}.`, { fix: 'Give a number from 0 to 1.' });
  }
  if (!Number.isInteger(iterations) || iterations < 1) {
    throw new UnlabelError('INVALID_OPTION', `iterations is ${iterations}.`, { fix: 'Give a whole number from 1.' });
  }
  const least = smallestBatch(dim, { epsilon, method });
  if (batch >= least) return;
  throw new UnlabelError(
    'BATCH_TOO_SMALL',
    `The batch holds ${batch}, but whitening ${dim} dimensions needs ${least}.`,
    {
      fix: 'Raise the batch size, lower the dimension, or set epsilon above 0.',
    },
  );
}

/** Fewest samples whose covariance has what `method` inverts: n samples span n − 1 dimensions around their mean. */
export function smallestBatch(dim: number, { epsilon = 0, method = 'cholesky' }: WhitenOptions): number {
  return method === 'cholesky' && epsilon === 0 ? dim + 1 : 2;
}

/** Extent and statistics of a {@link whitening} layer. */
export interface WhiteningOptions extends WhitenOptions {
  /** Length of the last axis. */ readonly dim: number;
  /** Share of the batch's statistics in the running ones (default 0.1). */ readonly momentum?: number;
}

/**
 * {@link whiten} as a layer, in the place of a batch norm: by the batch's mean and covariance while training, by running
 * ones after.
 * Variables, not trainable: `runningMean` `[dim]` and `runningCovariance` `[dim, dim]`.
 * Input and output `[batch, dim]`.
 * @throws UnlabelError from `apply`: `SHAPE_MISMATCH`, `INVALID_OPTION`; while training, `BATCH_TOO_SMALL`
 */
export function whitening(options: WhiteningOptions): Layer<tf.Tensor2D, tf.Tensor2D> {
  const { dim, momentum = 0.1 } = options;
  return {
    variables: {
      runningMean: { shape: [dim], initial: zeros, trainable: false },
      runningCovariance: { shape: [dim, dim], initial: identity, trainable: false },
    },
    apply: (input, context) => {
      requireDim(input, dim);
      if (context.training) {
        const whitened = whiten(input, options);
        updateRunning(context, input, momentum);
        return whitened;
      }
      const covariance: tf.Tensor3D = tf.reshape(context.get('runningCovariance'), [1, dim, dim]);
      const matrix: tf.Tensor2D = tf.reshape(whiteningMatrix(covariance, options), [dim, dim]);
      return tf.matMul(tf.sub<tf.Tensor2D>(input, context.get('runningMean')), matrix, false, true);
    },
  };
}

function updateRunning(context: LayerContext, input: tf.Tensor2D, momentum: number): void {
  const { mean, covariance } = momentsOf(tf.reshape(input, [1, ...input.shape]));
  const blend = (name: string, batch: tf.Tensor) => {
    const running = context.get(name);
    context.update(name, tf.add(tf.mul(1 - momentum, running), tf.mul(momentum, tf.reshape(batch, running.shape))));
  };
  blend('runningMean', mean);
  blend('runningCovariance', covariance);
}

/** I, for a square matrix. */
function identity([dim = 1]: readonly number[]): Float32Array {
  return Float32Array.from({ length: dim * dim }, (_, at) => Number(at % (dim + 1) === 0));
}

function requireDim(input: tf.Tensor, dim: number): void {
  if (input.rank === 2 && input.shape[1] === dim) return;
  throw new UnlabelError('SHAPE_MISMATCH', `Whitening was given [${input.shape}], but needs [batch, ${dim}].`);
}
