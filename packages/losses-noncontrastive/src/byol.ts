import {
  mlpHead,
  moveTeacher,
  type Objective,
  predictionHead,
  projectViews,
  requireViews,
  scheduled,
  stopGradient,
  teacherMomentum,
  teacherOf,
  tf,
  twoViews,
  variablesOf,
} from '@unlabel/core';
import { negativeCosine } from './simsiam';

/**
 * BYOL, eq. 2 for both orders of the views: ‖p̄₀ − t̄₁‖² + ‖p̄₁ − t̄₀‖² = 4 − 2 cos(p₀, t₁) − 2 cos(p₁, t₀), averaged over
 * the batch; the bar normalises.
 * @param p0 the student's predictions from view 0, `[batch, dim]`, not normalised
 * @param p1 the student's predictions from view 1, same shape
 * @param t0 the teacher's projections of view 0, same shape; no gradient flows into them
 * @param t1 the teacher's projections of view 1, same shape; no gradient flows into them
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Grill et al., NeurIPS 2020, https://arxiv.org/abs/2006.07733
 */
export function byolLoss(p0: tf.Tensor2D, p1: tf.Tensor2D, t0: tf.Tensor2D, t1: tf.Tensor2D): tf.Scalar {
  requireViews({ p0, p1, t0, t1 });
  return tf.tidy(() => {
    const forth = negativeCosine(p0, stopGradient(t1));
    const back = negativeCosine(p1, stopGradient(t0));
    return tf.add(tf.add(2, tf.mul(2, forth)), tf.add(2, tf.mul(2, back)));
  });
}

export interface ByolOptions {
  /** τ, share of the teacher in its next self, in [0, 1]; rises by a cosine (default 0.996; 0.99 for 300 epochs). */
  momentum?: number;
  /** τ after the last step, in [0, 1] (default 1: the teacher comes to rest). With both 0 the teacher is the student of a step ago (table 5a). */
  finalMomentum?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[4096, 256]`). */
  projector?: readonly number[];
  /** Widths of the predictor after the projector's, the last of them again; batch norm and ReLU between (default `[4096, 256]`). `[]`, for studies: none (table 5b). */
  predictor?: readonly number[];
}

/**
 * BYOL: {@link byolLoss} between a student that predicts and a teacher, its moving average, that sees the other view.
 * Recipe of the paper: LARS, learning rate 0.2 · batch/256, weight decay 1.5e-6, 10 epochs of warm-up, batches of 4096.
 * @throws UnlabelError `INVALID_OPTION`, from `bind` for widths that do not fit
 * @see Grill et al., NeurIPS 2020, https://arxiv.org/abs/2006.07733
 */
export function byol(options: ByolOptions = {}): Objective {
  const { momentum = 0.996, finalMomentum: end = 1 } = options;
  const { projector: widths = [4096, 256], predictor: predictorWidths = [4096, 256] } = options;
  const schedules = { momentum: teacherMomentum(momentum, { end }) };
  return {
    name: 'byol',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const network = { encoder, projector: mlpHead({ dims: [encoder.outputDim, ...widths] }) };
      const predictor = predictionHead(widths.at(-1) ?? 0, predictorWidths);
      const student = variablesOf(network);
      return {
        variables: { ...student, ...variablesOf({ predictor }), ...teacherOf(student) },
        schedules,
        loss: ({ views }, context) => {
          const z = projectViews(views, { ...network, minBatch: 2 }, context);
          const [p0, p1] = twoViews(predictor.apply(z, context.scope('predictor')));
          const [t0, t1] = twoViews(projectViews(views, network, context.scope('teacher')));
          const loss = byolLoss(p0, p1, t0, t1);
          return { loss, terms: { distance: loss }, projection: twoViews(z)[0] };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, student, scheduled(scalars, 'momentum')),
      };
    },
  };
}
