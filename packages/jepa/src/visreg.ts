import {
  globalViewsOf,
  mlpHead,
  normaliseRows,
  type Objective,
  stopGradient,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { normalQuantile } from './normalDistribution';
import { orderStatistics } from './orderStatistics';
import { predictionTerm } from './predictionTerm';
import { viewsAndSlices } from './viewsAndSlices';

export interface VisregOptions {
  /** λ, share of the regulariser in the loss, in [0, 1] (default 0.9; the paper has 0.6 for small data sets). */ regulariserWeight?: number;
  /** Weight of the scale term in the regulariser (default 1). */ scaleWeight?: number;
  /** Weight of the shape term (default 1; the paper has more for long-tailed or low-rank data). */ shapeWeight?: number;
  /** Weight of the centre term (default 1). */ centreWeight?: number;
  /** V_g, how many of the views, the first ones, make the mean that all views predict (default: all). */ globalViews?: number;
}

/**
 * VISReg, Algorithm 1: (1 − λ)·prediction + λ·(scale + shape + centre), each averaged over views.
 * @param z projections of all views, global ones first, `[views, batch, dim]`, batch ≥ 2, not normalised
 * @param slices directions in which the shape is compared, `[dim, slices]`, drawn anew for every step from N(0, 1)
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Wu, Balestriero & Levine 2026, https://arxiv.org/abs/2606.02572
 */
export function visregLoss(z: tf.Tensor3D, slices: tf.Tensor2D, options: VisregOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(visregTerms(z, slices, options), options));
}

/** What {@link visregLoss} adds up, unweighted. */
export type VisregTerms = Record<'prediction' | 'scale' | 'shape' | 'centre', tf.Scalar>;

/** The terms of {@link visregLoss}, of the same arguments. */
export function visregTerms(z: tf.Tensor3D, slices: tf.Tensor2D, options: VisregOptions = {}): VisregTerms {
  const { globalViews = z.shape[0] } = options;
  requireProjections(z, slices);
  return tf.tidy((): VisregTerms => {
    const prediction = predictionTerm(z, globalViews);
    const mean = tf.mean(z, 1, true);
    const centred = tf.sub<tf.Tensor3D>(z, mean);
    const sigma = tf.sqrt(tf.maximum(tf.mean(tf.square(centred), 1, true), 1e-24)); // at 0 its gradient is 0, not NaN
    return {
      prediction,
      scale: tf.mean(tf.square(tf.sub(1, sigma))),
      shape: shapeTerm(tf.div(centred, tf.add(stopGradient(sigma), 1e-4)), slices),
      centre: tf.mean(tf.square(mean)),
    };
  });
}

/** Eq. 5, the squared Wasserstein distance from N(0, 1) of each slice: between order statistics and quantiles Φ⁻¹(i/(n + 1)). */
function shapeTerm(z: tf.Tensor3D, slices: tf.Tensor2D): tf.Scalar {
  const [views, batch, dim] = z.shape;
  const directions = normaliseRows(tf.transpose(slices));
  const projections = tf.matMul(tf.reshape<tf.Rank.R2>(z, [views * batch, dim]), directions, false, true);
  const ordered = orderStatistics(tf.reshape(projections, [views, batch, -1]));
  const quantiles = Array.from({ length: batch }, (_, i) => normalQuantile((i + 1) / (batch + 1)));
  return tf.mean(tf.square(tf.sub(ordered, quantiles)));
}

function weigh({ prediction, scale, shape, centre }: VisregTerms, options: VisregOptions): tf.Scalar {
  const { regulariserWeight: lambda = 0.9, scaleWeight = 1, shapeWeight = 1, centreWeight = 1 } = options;
  const regulariser = tf.add(
    tf.add(tf.mul(scaleWeight, scale), tf.mul(shapeWeight, shape)),
    tf.mul(centreWeight, centre),
  );
  return tf.add(tf.mul(1 - lambda, prediction), tf.mul(lambda, regulariser));
}

function requireProjections(z: tf.Tensor3D, slices: tf.Tensor2D): void {
  const [views, batch, dim] = z.shape;
  if (z.shape.length !== 3 || slices.shape.length !== 2 || dim !== slices.shape[0]) {
    throw new UnlabelError('SHAPE_MISMATCH', `z is [${z.shape}] but slices are [${slices.shape}].`, {
      fix: 'z must be [views, batch, dim] and slices [dim, slices].',
    });
  }
  if (batch < 2) {
    throw new UnlabelError('BATCH_TOO_SMALL', `The batch holds ${batch} of ${views} views, but this needs 2 or more.`, {
      fix: 'Raise the batch size or drop the last partial batch.',
    });
  }
}

export interface VisregMethodOptions extends VisregOptions {
  /** Directions that the shape term draws anew for each step (default 4096). */ slices?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[2048, 2048, 64]`). */
  projector?: readonly number[];
}

/**
 * VISReg: {@link visregLoss} between the projections of two or more views of each sample; LeJEPA with a regulariser whose
 * gradient does not vanish when everything has collapsed. Global views come first, and are those of the first view's shape
 * unless `globalViews` says otherwise.
 * @see Wu, Balestriero & Levine 2026, https://arxiv.org/abs/2606.02572
 */
export function visreg(options: VisregMethodOptions = {}): Objective {
  const { slices: count = 4096, projector: widths = [2048, 2048, 64] } = options;
  return {
    name: 'visreg',
    views: { min: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const network = { encoder, projector, minBatch: 2 };
          const { z, slices, projection } = viewsAndSlices(views, network, count, context);
          const terms = visregTerms(z, slices, { ...options, globalViews: globalViewsOf(views, options.globalViews) });
          return { loss: weigh(terms, options), terms, projection };
        },
      };
    },
  };
}
