import {
  logSumExp,
  mlpHead,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  tf,
  twoViews,
  variablesOf,
} from '@unlabel/core';

export interface AlignmentOptions {
  /** α, power of the distance, > 0 (default 2). */ exponent?: number;
}

/**
 * Alignment, eq. 3: L_align = E ‖f(x) − f(y)‖^α over positive pairs, on the unit sphere.
 * @param z0 projections of view 0, `[batch, dim]`, not normalised
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Wang & Isola, ICML 2020, https://arxiv.org/abs/2005.10242
 */
export function alignmentLoss(z0: tf.Tensor2D, z1: tf.Tensor2D, options: AlignmentOptions = {}): tf.Scalar {
  const { exponent: alpha = 2 } = options;
  requireViews({ z0, z1 });
  requirePositive({ exponent: alpha });
  return tf.tidy(() => {
    const squares = tf.sum(tf.square(tf.sub(normaliseRows(z0), normaliseRows(z1))), 1);
    if (alpha === 2) return tf.mean(squares);
    return tf.mean(tf.pow(tf.maximum(squares, 1e-24), alpha / 2)); // at 0 the gradient is 0, not infinite
  });
}

export interface UniformityOptions {
  /** t, how fast the potential falls with the squared distance, > 0 (default 2). */ concentration?: number;
}

/**
 * Uniformity, eq. 4: L_uniform = log E exp(−t‖f(x) − f(y)‖²) over pairs of different samples, on the unit sphere.
 * @param z projections, `[batch, dim]`, batch ≥ 2, not normalised
 * @throws UnlabelError `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Wang & Isola, ICML 2020, https://arxiv.org/abs/2005.10242
 */
export function uniformityLoss(z: tf.Tensor2D, options: UniformityOptions = {}): tf.Scalar {
  const { concentration: t = 2 } = options;
  requireViews({ z }, { minBatch: 2 });
  requirePositive({ concentration: t });
  return tf.tidy(() => {
    const [batch] = z.shape;
    const unit = normaliseRows(z);
    const lengths = tf.sum(tf.square(unit), 1, true); // 1, or 0 for a row of zeros
    const cosines = tf.matMul(unit, unit, false, true);
    const squares = tf.sub(tf.add(lengths, tf.transpose(lengths)), tf.mul(2, cosines));
    const others = tf.sub(tf.mul(-t, squares), tf.mul(tf.eye(batch), 4 * t + 200)); // exp(−200) is 0 in float32
    const total = logSumExp(tf.reshape(others, [1, batch * batch]));
    return tf.sub(tf.reshape<tf.Rank.R0>(total, []), Math.log(batch * (batch - 1))); // each pair counts twice
  });
}

export interface AlignmentUniformityLossOptions extends AlignmentOptions, UniformityOptions {
  /** Weight of the alignment (default 1). */ alignmentWeight?: number;
  /** λ, weight of the uniformity (default 1). */ uniformityWeight?: number;
}

/**
 * Alignment and uniformity, figure 5: L_align + λ·[L_uniform(z₀) + L_uniform(z₁)]/2, each with its weight.
 * @param z0 projections of view 0, `[batch, dim]`, batch ≥ 2, not normalised
 * @param z1 projections of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Wang & Isola, ICML 2020, https://arxiv.org/abs/2005.10242
 */
export function alignmentUniformityLoss(
  z0: tf.Tensor2D,
  z1: tf.Tensor2D,
  options: AlignmentUniformityLossOptions = {},
): tf.Scalar {
  return tf.tidy(() => weigh(alignmentUniformityTerms(z0, z1, options), options));
}

/** What {@link alignmentUniformityLoss} adds up, unweighted. */
export type AlignmentUniformityTerms = Record<'alignment' | 'uniformity', tf.Scalar>;

/** The terms of {@link alignmentUniformityLoss}, of the same arguments. */
export function alignmentUniformityTerms(
  z0: tf.Tensor2D,
  z1: tf.Tensor2D,
  options: AlignmentUniformityLossOptions = {},
): AlignmentUniformityTerms {
  requireViews({ z0, z1 }, { minBatch: 2 });
  return tf.tidy(
    (): AlignmentUniformityTerms => ({
      alignment: alignmentLoss(z0, z1, options),
      uniformity: tf.div(tf.add(uniformityLoss(z0, options), uniformityLoss(z1, options)), 2),
    }),
  );
}

function weigh(
  { alignment, uniformity }: AlignmentUniformityTerms,
  { alignmentWeight = 1, uniformityWeight = 1 }: AlignmentUniformityLossOptions,
): tf.Scalar {
  return tf.add(tf.mul(alignmentWeight, alignment), tf.mul(uniformityWeight, uniformity));
}

export interface AlignmentUniformityOptions extends AlignmentUniformityLossOptions {
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[encoder's width, 128]`). */
  projector?: readonly number[];
}

/**
 * Alignment and uniformity as a method: {@link alignmentUniformityLoss} between the projections of two views.
 * Recipe of the paper: SGD, learning rate 0.12 · batch/256, momentum 0.9, weight decay 1e-4.
 * @see Wang & Isola, ICML 2020, https://arxiv.org/abs/2005.10242
 */
export function alignmentUniformity(options: AlignmentUniformityOptions = {}): Objective {
  return {
    name: 'alignment-uniformity',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim, 128] } = options;
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const [z0, z1] = twoViews(projectViews(views, { encoder, projector, minBatch: 2 }, context));
          const terms = alignmentUniformityTerms(z0, z1, options);
          return { loss: weigh(terms, options), terms, projection: z0 };
        },
      };
    },
  };
}
