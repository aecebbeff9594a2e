import {
  globalViewsOf,
  moveTeacher,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  scheduled,
  teacherOf,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { type Centring, teacherTargets, updatedCenter } from './centring';
import { dinoHead } from './dinoHead';
import {
  centerVariable,
  requireLocalViews,
  type SelfDistillationOptions,
  selfDistillationSchedules,
} from './selfDistillation';

export interface DinoOptions {
  /** τ_s, divides the student's logits, > 0 (default 0.1). */ studentTemperature?: number;
  /** τ_t, divides the teacher's, > 0; below τ_s, it sharpens (default 0.07, the paper's after its warm-up from 0.04). */
  teacherTemperature?: number | tf.Scalar;
}

/**
 * DINO, eq. 3: H(P_t, P_s) = −Σ P_t log P_s, averaged over samples and over all pairs of a teacher's view and another view
 * of the student, with P_s = softmax(s/τ_s) and P_t = softmax((t − c)/τ_t). No gradient flows to t or c.
 * DINOv2's class adds the pairs up, those of equal views too, and leaves it to its caller to divide.
 * @param student logits s of each view, `[batch, prototypes]`, those views first that the teacher sees
 * @param teacher logits t of the first, global, views, same shape
 * @param center c, see {@link updatedCenter}, or `'sinkhorn'` as in SwAV and DINOv2
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Caron et al., ICCV 2021, https://arxiv.org/abs/2104.14294
 */
export function dinoLoss(
  student: readonly tf.Tensor2D[],
  teacher: readonly tf.Tensor2D[],
  center: Centring,
  options: DinoOptions = {},
): tf.Scalar {
  const { studentTemperature: tauS = 0.1, teacherTemperature: tauT = 0.07 } = options;
  requirePositive({ studentTemperature: tauS, teacherTemperature: tauT });
  requirePairs(student, teacher);
  return tf.tidy(() => {
    const targets = tf.split<tf.Tensor2D>(teacherTargets(tf.concat2d([...teacher], 0), center, tauT), teacher.length);
    const entropies = student.flatMap((s, view) => {
      const others = targets.filter((_, other) => other !== view); // H is linear in P_t: one product for all of them
      return others.length > 0 ? [tf.mean(crossEntropy(tf.addN(others), tf.div(s, tauS)))] : [];
    });
    return tf.div(tf.addN(entropies), teacher.length * (student.length - 1));
  });
}

/** H(P, softmax(logits)) along the last axis. */
export function crossEntropy(targets: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1));
}

function requirePairs(student: readonly tf.Tensor2D[], teacher: readonly tf.Tensor2D[]): void {
  const named = (name: string, views: readonly tf.Tensor2D[]) =>
    views.map((view, at) => [`${name}[${at}]`, view] as const);
  requireViews(Object.fromEntries([...named('student', student), ...named('teacher', teacher)]));
  if (student.length >= 2 && teacher.length >= 1 && teacher.length <= student.length) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `There are ${student.length} views of the student, ${teacher.length} of the teacher.`,
    {
      fix: 'Give two views of the student or more, and the teacher’s logits of the first of them.',
    },
  );
}

export interface DinoMethodOptions extends SelfDistillationOptions {
  /** m, share of the teacher in its next self, in [0, 1]; rises to 1 by a cosine (default 0.996). */ momentum?: number;
  /** What keeps the teacher from one prototype for all: its mean subtracted (default), or Sinkhorn–Knopp. */
  centring?: 'mean' | 'sinkhorn';
  /** How many local crops the loader must give (default: any number). */ localViews?: number;
}

/**
 * DINO: {@link dinoLoss} between a teacher that sees the global views and a student that sees all. Global views come first,
 * and are those of the first view's shape. The paper evaluates the teacher: `averageDecay` gives an averaged student.
 * Recipe of the paper: AdamW, learning rate 5e-4 · batch/256 with 10 epochs of warm-up, weight decay 0.04 → 0.4, gradients
 * clipped at 3, two crops of 0.4–1 of the image and eight of 0.05–0.4.
 * @see Caron et al., ICCV 2021, https://arxiv.org/abs/2104.14294
 */
export function dino(options: DinoMethodOptions = {}): Objective {
  const { momentum = 0.996, centring = 'mean', centerMomentum = 0.9, studentTemperature = 0.1, localViews } = options;
  const schedules = selfDistillationSchedules(options, momentum);
  return {
    name: 'dino',
    views: { min: 2 },
    minBatch: 1,
    bind: (encoder) => {
      const head = dinoHead(encoder.outputDim, options);
      const student = variablesOf({ encoder, projector: head });
      return {
        variables: { ...student, ...teacherOf(student), center: centerVariable(options) },
        schedules,
        loss: ({ views, scalars }, context) => {
          const globals = globalViewsOf(views);
          requireLocalViews(views.length - globals, localViews);
          const projector = head.learning(scheduled(scalars, 'live'));
          const s = tf.split<tf.Tensor2D>(projectViews(views, { encoder, projector }, context), views.length);
          const t = projectViews(views.slice(0, globals), { encoder, projector: head }, context.scope('teacher'));
          const center = context.get('center');
          context.update('center', updatedCenter(center, t, { momentum: centerMomentum }));
          const loss = dinoLoss(s, tf.split(t, globals), centring === 'mean' ? center : centring, {
            studentTemperature,
            teacherTemperature: scheduled(scalars, 'teacherTemperature'),
          });
          return { loss, terms: { distillation: loss }, projection: tf.concat2d(s.slice(0, 1), 0) };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, student, scheduled(scalars, 'momentum')),
      };
    },
  };
}
