import {
  mlpHead,
  moveTeacher,
  type Objective,
  predictionHead,
  projectViews,
  scheduled,
  stopGradient,
  teacherMomentum,
  teacherOf,
  tf,
  twoViews,
  variablesOf,
} from '@unlabel/core';
import { infoNceLoss } from './infoNce';

export interface MocoV3LossOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.2, of vision transformers; 1 in the authors' code for ResNets). */
  temperature?: number | tf.Scalar;
}

/**
 * MoCo v3, Algorithm 1: 2τ [ctr(q₀, k₁) + ctr(q₁, k₀)], where ctr is InfoNCE, eq. 1, against the keys of the batch.
 * @param q0 predictions of view 0 by the student, `[batch, dim]`, not normalised
 * @param q1 predictions of view 1, same shape
 * @param k0 the teacher's projections of view 0, same shape, not normalised; no gradient flows into them
 * @param k1 those of view 1, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Chen, Xie & He, ICCV 2021, https://arxiv.org/abs/2104.02057
 */
export function mocoV3Loss(
  q0: tf.Tensor2D,
  q1: tf.Tensor2D,
  k0: tf.Tensor2D,
  k1: tf.Tensor2D,
  options: MocoV3LossOptions = {},
): tf.Scalar {
  const { temperature: tau = 0.2 } = options;
  return tf.tidy(() => {
    const contrast = (q: tf.Tensor2D, k: tf.Tensor2D) => infoNceLoss(q, stopGradient(k), { temperature: tau });
    return tf.mul(tf.mul(2, tau), tf.add(contrast(q0, k1), contrast(q1, k0)));
  });
}

export interface MocoV3Options extends MocoV3LossOptions {
  /** τ, divides the cosine similarities, > 0 (default 0.2). */ temperature?: number;
  /** m of the teacher at the first step, in [0, 1]; rises to 1 by a cosine (default 0.99). */ momentum?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[4096, 4096, 256]`). */
  projector?: readonly number[];
  /** Widths of the predictor after the projector's (default `[4096, 256]`); the last one is the projector's last. */
  predictor?: readonly number[];
}

/**
 * MoCo v3: the student predicts, from each view, which sample of the batch its slowly moving teacher made of the other.
 * Both heads end in batch norm without scale and offset. The paper keeps the patch projection of vision transformers as
 * it was drawn, for stability; nothing is frozen here.
 * Recipe of the paper: AdamW, learning rate 1.5e-4 · batch/256, weight decay 0.1, 40 epochs of warm-up.
 * @throws UnlabelError `INVALID_OPTION`, from `bind` for a predictor that does not end as the projector does
 * @see Chen, Xie & He, ICCV 2021, https://arxiv.org/abs/2104.02057
 */
export function mocoV3(options: MocoV3Options = {}): Objective {
  const { projector: widths = [4096, 4096, 256], predictor: predictorWidths = [4096, 256], momentum = 0.99 } = options;
  const schedules = { momentum: teacherMomentum(momentum) };
  const finalNorm = 'batch-no-affine';
  return {
    name: 'mocov3',
    views: { min: 2, max: 2 },
    minBatch: 2, // one sample has no negatives
    bind: (encoder) => {
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths], finalNorm });
      const predictor = predictionHead(widths.at(-1) ?? 0, predictorWidths, { finalNorm });
      const network = { encoder, projector, minBatch: 2 };
      const student = variablesOf({ encoder, projector });
      return {
        variables: { ...student, ...variablesOf({ predictor }), ...teacherOf(student) },
        schedules,
        loss: ({ views }, context) => {
          const z = projectViews(views, network, context);
          const [q0, q1] = twoViews(predictor.apply(z, context.scope('predictor')));
          const [k0, k1] = twoViews(projectViews(views, network, context.scope('teacher')));
          const loss = mocoV3Loss(q0, q1, k0, k1, options);
          return { loss, terms: { contrast: loss }, projection: q0 };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, student, scheduled(scalars, 'momentum')),
      };
    },
  };
}
