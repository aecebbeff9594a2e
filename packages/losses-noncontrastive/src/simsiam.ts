import {
  mlpHead,
  normaliseRows,
  type Objective,
  predictionHead,
  projectViews,
  requireViews,
  stopGradient,
  tf,
  twoViews,
  variablesOf,
} from '@unlabel/core';

export interface SimsiamLossOptions {
  /** Whether sg stops the gradient (default true); without, all collapses to one point: the paper's sec. 4.1, for studies. */
  stopGradient?: boolean;
}

/**
 * SimSiam, eq. 4: ℒ = ½ D(p₀, sg z₁) + ½ D(p₁, sg z₀), where D is the {@link negativeCosine}, sg stops the gradient and p is
 * the predictor's p = h(z).
 * @param p0 predictions from view 0, `[batch, dim]`, not normalised
 * @param p1 predictions from view 1, same shape
 * @param z0 projections of view 0, same shape; no gradient flows into them
 * @param z1 projections of view 1, same shape; no gradient flows into them
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Chen & He, CVPR 2021, https://arxiv.org/abs/2011.10566
 */
export function simsiamLoss(
  p0: tf.Tensor2D,
  p1: tf.Tensor2D,
  z0: tf.Tensor2D,
  z1: tf.Tensor2D,
  options: SimsiamLossOptions = {},
): tf.Scalar {
  const { stopGradient: stops = true } = options;
  requireViews({ p0, p1, z0, z1 });
  return tf.tidy(() => {
    const sg = (z: tf.Tensor2D) => (stops ? stopGradient(z) : z);
    const forth = negativeCosine(p0, sg(z1));
    const back = negativeCosine(p1, sg(z0));
    return tf.add(tf.mul(0.5, forth), tf.mul(0.5, back));
  });
}

/**
 * D(p, z), eq. 1: −p/‖p‖ · z/‖z‖, averaged over the batch. −1 when all directions agree. A row of zeros has no direction:
 * it counts 0, and gets no gradient.
 * @param p `[batch, dim]`, not normalised
 * @param z same shape, not normalised; its gradient is not stopped here
 * @throws UnlabelError `SHAPE_MISMATCH`
 */
export function negativeCosine(p: tf.Tensor2D, z: tf.Tensor2D): tf.Scalar {
  requireViews({ p, z });
  return tf.tidy(() => tf.neg(tf.mean(tf.sum(tf.mul(normaliseRows(p), normaliseRows(z)), 1))));
}

export interface SimsiamOptions extends SimsiamLossOptions {
  /** Widths of the projector after the encoder's own; batch norm after each, the last without scale (default `[2048, 2048, 2048]`). */
  projector?: readonly number[];
  /** Widths of the predictor after the projector's, the last of them again; batch norm and ReLU between (default `[512, 2048]`). `[]`, for studies: none, which collapses (sec. 4.2). */
  predictor?: readonly number[];
  /** Whether the projector ends in batch norm (default true); without (table 3b), a collapse shows in the projections' spread. */
  finalNorm?: boolean;
}

/**
 * SimSiam: {@link simsiamLoss} between two views of each sample, with one network and neither negatives nor a teacher.
 * Recipe of the paper: SGD, learning rate 0.05 · batch/256, that of the predictor without its cosine, weight decay 1e-4.
 * @throws UnlabelError from `bind`: `INVALID_OPTION`
 * @see Chen & He, CVPR 2021, https://arxiv.org/abs/2011.10566
 */
export function simsiam(options: SimsiamOptions = {}): Objective {
  const { projector: widths = [2048, 2048, 2048], predictor: predictorWidths = [512, 2048] } = options;
  const { finalNorm = true } = options;
  return {
    name: 'simsiam',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const projector = mlpHead({
        dims: [encoder.outputDim, ...widths],
        ...(finalNorm && { finalNorm: 'batch-no-affine' }),
      });
      const predictor = predictionHead(widths.at(-1) ?? 0, predictorWidths);
      return {
        variables: variablesOf({ encoder, projector, predictor }),
        loss: ({ views }, context) => {
          const z = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const [p0, p1] = twoViews(predictor.apply(z, context.scope('predictor')));
          const [z0, z1] = twoViews(z);
          const loss = simsiamLoss(p0, p1, z0, z1, options);
          return { loss, terms: { negativeCosine: loss }, projection: z0 };
        },
      };
    },
  };
}
