import {
  mlpHead,
  moveTeacher,
  normaliseRows,
  type Objective,
  projectViews,
  requireViews,
  scheduled,
  stopGradient,
  teacherMomentum,
  teacherOf,
  tf,
  UnlabelError,
  variablesOf,
  zeros,
} from '@unlabel/core';

export interface TicoOptions {
  /** β, share of the old covariance in the new one, in [0, 1] (default 0.9). */ covarianceMomentum?: number;
  /** ρ, weight of the covariance contrast (default 8). */ contrastWeight?: number;
}

/** What {@link ticoLoss} gives. */
export type TicoReport = {
  readonly loss: tf.Scalar;
  /** The terms of the loss, unweighted: 1 − cos(ẑ₀, ẑ₁) and ẑ₀ᵀ C ẑ₀, averaged over the batch. */
  readonly terms: Record<'invariance' | 'contrast', tf.Scalar>;
  /** C_t, `[dim, dim]`, for the next batch. */ readonly covariance: tf.Tensor2D;
};

/**
 * TiCo, eq. 6: ℒ = (1/N) Σᵢ [1 − ẑ₀ᵢ·ẑ₁ᵢ + ρ ẑ₀ᵢᵀ C_t ẑ₀ᵢ], where ẑ are normalised and C_t = β C_{t−1} + (1 − β) ẑ₀ᵀẑ₀/N is
 * a moving average of their second moments: directions that are much used cost more. No gradient flows through C_t.
 * @param z0 projections of view 0, `[batch, dim]`, not normalised
 * @param z1 the teacher's projections of view 1, same shape; a gradient would reach them, and a teacher's have none
 * @param covariance C_{t−1}, `[dim, dim]`, zeros before the first batch
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Zhu, Moraes, Karakulak, Sobol, Canziani & LeCun 2022, https://arxiv.org/abs/2206.10698
 */
export function ticoLoss(
  z0: tf.Tensor2D,
  z1: tf.Tensor2D,
  covariance: tf.Tensor2D,
  options: TicoOptions = {},
): TicoReport {
  const { contrastWeight: rho = 8 } = options;
  requireViews({ z0, z1 });
  requireCovariance(covariance, z0.shape[1]);
  return tf.tidy((): TicoReport => {
    const [unit0, unit1] = [normaliseRows(z0), normaliseRows(z1)];
    const next = stopGradient(nextCovariance(unit0, covariance, options));
    const invariance: tf.Scalar = tf.sub(1, tf.mean(tf.sum(tf.mul(unit0, unit1), 1)));
    const contrast: tf.Scalar = tf.mean(tf.sum(tf.mul(tf.matMul(unit0, next), unit0), 1));
    return { loss: tf.add(invariance, tf.mul(rho, contrast)), terms: { invariance, contrast }, covariance: next };
  });
}

/** C_t of C_{t−1}. @param unit ẑ₀ */
function nextCovariance(unit: tf.Tensor2D, covariance: tf.Tensor2D, options: TicoOptions): tf.Tensor2D {
  const { covarianceMomentum: beta = 0.9 } = options;
  const moments = tf.div(tf.matMul(unit, unit, true), unit.shape[0]);
  return tf.add(tf.mul(beta, covariance), tf.mul(1 - beta, moments));
}

function requireCovariance({ shape }: tf.Tensor, dim: number): void {
  if (shape.join() === [dim, dim].join()) return;
  throw new UnlabelError('SHAPE_MISMATCH', `covariance is [${shape}], but must be [${dim}, ${dim}].`, {
    fix: 'Begin with zeros of that shape, and hand on what the last batch gave.',
  });
}

export interface TicoMethodOptions extends TicoOptions {
  /** m, share of the teacher in its next self, in [0, 1]; rises to 1 by a cosine (default 0.99). */ momentum?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[4096, 256]`). */
  projector?: readonly number[];
}

/**
 * TiCo: {@link ticoLoss} between the student's projections of view 0 and those that a teacher, its moving average, makes of
 * view 1.
 * Recipe of the paper: LARS, weight decay 1.5e-6, 10 epochs of warm-up, cosine.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Zhu, Moraes, Karakulak, Sobol, Canziani & LeCun 2022, https://arxiv.org/abs/2206.10698
 */
export function tico(options: TicoMethodOptions = {}): Objective {
  const { momentum = 0.99, projector: widths = [4096, 256] } = options;
  const schedules = { momentum: teacherMomentum(momentum) };
  return {
    name: 'tico',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const dims = [encoder.outputDim, ...widths];
      const network = { encoder, projector: mlpHead({ dims }), minBatch: 2 };
      const student = variablesOf({ encoder, projector: network.projector });
      const dim = dims.at(-1) ?? 0;
      return {
        variables: {
          ...student,
          ...teacherOf(student),
          covariance: { shape: [dim, dim], initial: zeros, trainable: false },
        },
        schedules,
        loss: ({ views }, context) => {
          const z0 = projectViews(views.slice(0, 1), network, context);
          const z1 = projectViews(views.slice(1), network, context.scope('teacher'));
          const last: tf.Tensor2D = tf.reshape(context.get('covariance'), [dim, dim]);
          const { loss, terms, covariance } = ticoLoss(z0, z1, last, options);
          context.update('covariance', covariance);
          return { loss, terms, projection: z0 };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, student, scheduled(scalars, 'momentum')),
      };
    },
  };
}
