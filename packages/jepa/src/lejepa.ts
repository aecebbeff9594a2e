import { mlpHead, type Objective, projectViews, tf, UnlabelError, variablesOf } from '@unlabel/core';
import { type EppsPulleyOptions, sigreg } from './sigreg';

export interface LejepaOptions extends EppsPulleyOptions {
  /** λ, share of SIGReg in the loss, in [0, 1] (default 0.05). */ sigregWeight?: number;
  /** V_g, how many of the views, the first ones, make the centre that all views predict (default: all). */ globalViews?: number;
}

/**
 * LeJEPA, Algorithm 2: (1 − λ)·‖z_v − z̄‖² + λ·SIGReg(z_v), both averaged over views v, samples and dimensions, where z̄ is
 * the mean over the V_g global views. Others weigh differently, and λ does not carry over: stable-pretraining adds
 * λ·SIGReg of all views' samples together to the unweighted prediction, which is
 * `tf.add(prediction, tf.mul(λ, sigreg(tf.reshape(z, [-1, dim]), slices)))` with {@link lejepaTerms}.
 * @param z projections of all views, global ones first, `[views, batch, dim]`, not normalised
 * @param slices directions for SIGReg, `[dim, slices]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Balestriero & LeCun 2025, https://arxiv.org/abs/2511.08544
 */
export function lejepaLoss(z: tf.Tensor3D, slices: tf.Tensor2D, options: LejepaOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(lejepaTerms(z, slices, options), options));
}

/** What {@link lejepaLoss} adds up, unweighted. */
export type LejepaTerms = Record<'prediction' | 'sigreg', tf.Scalar>;

/** The terms of {@link lejepaLoss}, of the same arguments. */
export function lejepaTerms(z: tf.Tensor3D, slices: tf.Tensor2D, options: LejepaOptions = {}): LejepaTerms {
  const { globalViews = z.shape[0] } = options;
  requireGlobalViews(z, globalViews);
  return tf.tidy(
    (): LejepaTerms => ({ prediction: predictionTerm(z, globalViews), sigreg: sigreg(z, slices, options) }),
  );
}

/** ‖z_v − z̄‖², averaged over everything: each view pays its distance from the mean of the global ones. */
function predictionTerm(z: tf.Tensor3D, globalViews: number): tf.Scalar {
  const centre = tf.mean(tf.slice3d(z, [0, 0, 0], [globalViews, -1, -1]), 0, true);
  return tf.mean(tf.square(tf.sub(z, centre))); // tf.squaredDifference has a wrong gradient for what it broadcasts
}

/** (1 − λ)·prediction + λ·SIGReg. */
function weigh({ prediction, sigreg }: LejepaTerms, { sigregWeight: lambda = 0.05 }: LejepaOptions): tf.Scalar {
  return tf.add(tf.mul(1 - lambda, prediction), tf.mul(lambda, sigreg));
}

function requireGlobalViews(z: tf.Tensor3D, globalViews: number): void {
  if (z.shape.length !== 3) {
    throw new UnlabelError('SHAPE_MISMATCH', `z is [${z.shape}], but needs [views, batch, dim].`, {
      fix: 'Stack the projections of all views.',
    });
  }
  if (!Number.isInteger(globalViews) || globalViews < 1 || globalViews > z.shape[0]) {
    throw new UnlabelError('INVALID_OPTION', `globalViews is ${globalViews}, but there are ${z.shape[0]} views.`, {
      fix: 'Give how many of the views, from the first, are global: 1 or more, and at most all.',
    });
  }
}

export interface LejepaMethodOptions extends LejepaOptions {
  /** Directions that SIGReg draws anew for each step (default 256; the ablations go to 1024 and more). */ slices?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[2048, 2048, 16]`). */
  projector?: readonly number[];
}

/**
 * LeJEPA: {@link lejepaLoss} between the projections of two or more views of each sample, and no teacher, no stop-gradient,
 * no schedule. Global views come first, and are those of the first view's shape unless `globalViews` says otherwise.
 * Recipe of the authors: AdamW, learning rate 5e-4, weight decay 0.05 (ViT) or 5e-4 (ResNet), warm-up, cosine.
 * @see Balestriero & LeCun 2025, https://arxiv.org/abs/2511.08544
 */
export function lejepa(options: LejepaMethodOptions = {}): Objective {
  const { slices: count = 256, projector: widths = [2048, 2048, 16] } = options;
  return {
    name: 'lejepa',
    views: { min: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths] });
      return {
        variables: variablesOf({ encoder, projector }),
        loss: ({ views }, context) => {
          const rows = projectViews(views, { encoder, projector, minBatch: 2 }, context);
          const [batch, dim] = [rows.shape[0] / views.length, rows.shape[1]];
          const z: tf.Tensor3D = tf.reshape(rows, [views.length, batch, dim]);
          const slices: tf.Tensor2D = tf.reshape(context.random.normal('slices', [dim, count]), [dim, count]);
          const terms = lejepaTerms(z, slices, { globalViews: firstOfOneShape(views), ...options });
          return { loss: weigh(terms, options), terms, projection: tf.slice2d(rows, [0, 0], [batch, dim]) };
        },
      };
    },
  };
}

/** How many views, from the first, have the first one's shape. */
function firstOfOneShape(views: readonly tf.Tensor[]): number {
  const other = views.findIndex((view) => view.shape.join() !== views[0]?.shape.join());
  return other < 0 ? views.length : other;
}
