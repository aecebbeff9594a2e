import {
  logSumExp,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';

export interface DirectClrOptions {
  /**
   * d₀, how many dimensions of the representation, from the first, the loss sees (default 360 of 2048, the paper's for
   * ResNet-50, and that share of others, 2 at least).
   */
  dims?: number;
  /** τ, divides the cosine similarities, > 0 (default 0.1). */ temperature?: number;
}

/**
 * DirectCLR, eq. 7: NT-Xent of the sub-vectors r[0 : d₀] of representations, without a projector. The dimensions that the
 * loss does not see still learn, through what they share with those that it sees.
 * @param h0 representations of view 0, `[batch, dim]`, batch ≥ 2, not normalised
 * @param h1 representations of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Jing, Vincent, LeCun & Tian, ICLR 2022, https://arxiv.org/abs/2110.09348
 */
export function directClrLoss(h0: tf.Tensor2D, h1: tf.Tensor2D, options: DirectClrOptions = {}): tf.Scalar {
  const { dims = defaultDims(h0.shape[1]), temperature: tau = 0.1 } = options;
  requireViews({ h0, h1 }, { minBatch: 2 });
  requirePositive({ temperature: tau });
  requireDims(dims, h0.shape[1]);
  return tf.tidy(() => {
    const r = normaliseRows(tf.slice2d(tf.concat2d([h0, h1], 0), [0, 0], [-1, dims]));
    const swapped = tf.concat2d(tf.split<tf.Tensor2D>(r, 2).toReversed(), 0); // reverse() would turn the tape's own list
    const positives = tf.div(tf.sum(tf.mul(r, swapped), 1), tau);
    const others: tf.Tensor2D = tf.sub(tf.div(tf.matMul(r, r, false, true), tau), selfMask(r.shape[0], tau));
    return tf.mean(tf.sub(logSumExp(others), positives));
  });
}

/** Taken off similarities in ±1/τ, it takes each row itself out of the sum, and stays finite: `[rows, rows]`. */
function selfMask(rows: number, tau: number): tf.Tensor2D {
  return tf.mul(tf.eye(rows), 2 / tau + 200); // exp(−200) is 0 in float32
}

function defaultDims(available: number): number {
  return Math.max(2, Math.round((available * 360) / 2048));
}

function requireDims(dims: number, available: number): void {
  if (Number.isInteger(dims) && dims >= 1 && dims <= available) return;
  throw new UnlabelError('INVALID_OPTION', `dims is ${dims}, but representations have ${available} dimensions.`, {
    fix: 'Give a whole number from 1 to the length of the representation.',
  });
}

/**
 * DirectCLR: {@link directClrLoss} between the encoder's own features of two views of each sample.
 * Recipe of the paper: LARS, learning rate 4.8 at a batch of 4096, weight decay 1e-6, 10 epochs of warm-up.
 * @see Jing, Vincent, LeCun & Tian, ICLR 2022, https://arxiv.org/abs/2110.09348
 */
export function directClr(options: DirectClrOptions = {}): Objective {
  return {
    name: 'directclr',
    views: { min: 2, max: 2 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      requireDims(options.dims ?? defaultDims(encoder.outputDim), encoder.outputDim);
      const projector = { variables: {}, apply: (h: tf.Tensor2D) => h };
      return {
        variables: variablesOf({ encoder }),
        loss: ({ views }, context) => {
          const h = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const batch = h.shape[0] / 2;
          const [h0, h1] = [tf.slice2d(h, [0, 0], [batch, -1]), tf.slice2d(h, [batch, 0], [batch, -1])] as const;
          const loss = directClrLoss(h0, h1, options);
          return { loss, terms: { ntXent: loss }, projection: h0 };
        },
      };
    },
  };
}
