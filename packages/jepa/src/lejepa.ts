import { globalViewsOf, mlpHead, type Objective, tf, variablesOf } from '@unlabel/core';
import { type MultivariateTest, type MultivariateTestName, multivariateTests, testOf } from './normalityTests';
import { predictionTerm } from './predictionTerm';
import { type SigregOptions, sigreg } from './sigreg';
import { viewsAndSlices } from './viewsAndSlices';

/**
 * The forms in which LeJEPA's loss was published. λ does not carry over from one to another.
 * - `'paper'`, and lightly: (1 − λ)·prediction + λ·SIGReg, the mean of each view's own; z̄ is the mean of the global views.
 * - `'minimal-example'` of the authors: the same, but z̄ is the mean of all views. Its λ is 0.02.
 * - `'stable-pretraining'`: prediction + λ·SIGReg, of all views' samples as one sample; z̄ as in the paper. Its λ is 0.02.
 */
export type LejepaWeighting = 'paper' | 'minimal-example' | 'stable-pretraining';

export interface LejepaOptions extends SigregOptions {
  /** λ, share of SIGReg in the loss, in [0, 1] (default 0.05). */ sigregWeight?: number;
  /** Which of the published forms (default `'paper'`). */ weighting?: LejepaWeighting;
  /** V_g, how many of the views, the first ones, make the centre that all views predict (default: all). */ globalViews?: number;
  /** Tests all dimensions at once, and no slices: a name, or a function of your own (default: none, but SIGReg). */
  multivariateTest?: MultivariateTest | MultivariateTestName;
}

/**
 * LeJEPA, Algorithm 2: (1 − λ)·‖z_v − z̄‖² + λ·SIGReg(z_v), both averaged over views v, samples and dimensions, where z̄ is
 * the mean over the V_g global views. {@link LejepaWeighting} names the others.
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
  const { weighting = 'paper', globalViews = z.shape[0] } = options;
  return tf.tidy((): LejepaTerms => {
    const prediction = predictionTerm(z, weighting === 'minimal-example' ? z.shape[0] : globalViews);
    const samples = weighting === 'stable-pretraining' ? tf.reshape(z, [-1, z.shape[2]]) : z;
    return { prediction, sigreg: normalityTerm(samples, slices, options) };
  });
}

/** SIGReg, or the test that takes its place. @param z `[views, batch, dim]`, or `[batch, dim]` */
function normalityTerm(z: tf.Tensor, slices: tf.Tensor2D, options: LejepaOptions): tf.Scalar {
  const { multivariateTest: test } = options;
  return test ? tf.mean(testOf(test, multivariateTests)(z)) : sigreg(z, slices, options);
}

/** (1 − λ)·prediction + λ·SIGReg, or prediction + λ·SIGReg. */
function weigh({ prediction, sigreg }: LejepaTerms, options: LejepaOptions): tf.Scalar {
  const { sigregWeight: lambda = 0.05, weighting = 'paper' } = options;
  return tf.add(tf.mul(weighting === 'stable-pretraining' ? 1 : 1 - lambda, prediction), tf.mul(lambda, sigreg));
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
          const network = { encoder, projector, minBatch: 2 };
          const { z, slices, projection } = viewsAndSlices(views, network, count, context);
          const terms = lejepaTerms(z, slices, { ...options, globalViews: globalViewsOf(views, options.globalViews) });
          return { loss: weigh(terms, options), terms, projection };
        },
      };
    },
  };
}
