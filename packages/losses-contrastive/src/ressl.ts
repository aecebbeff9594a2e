import {
  mlpHead,
  moveTeacher,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  scheduled,
  stopGradient,
  teacherMomentum,
  teacherOf,
  tf,
  variablesOf,
} from '@unlabel/core';
import { enqueue, queueVariables, readQueue, writeQueue } from './queue';
import { requireRows } from './requireRows';

export interface ResslLossOptions {
  /** τ_s, of the student's similarities, > 0 (default 0.1). */ studentTemperature?: number | tf.Scalar;
  /** τ_t, of the teacher's, > 0 and lower, which sharpens the target (default 0.04). */
  teacherTemperature?: number | tf.Scalar;
}

/**
 * ReSSL, eqs. 3–5, averaged over the batch: H(pᵗ, pˢ) = −Σⱼ pᵗⱼ log pˢⱼ, where pˢ = softmax(q·queue/τ_s) and
 * pᵗ = softmax(k·queue/τ_t) are the relations of both views to the samples in the queue.
 * @param q the student's projections, `[batch, dim]`; taken as they are, like the other two: give rows of length 1
 * @param k the teacher's projections of the other view, same shape; no gradient flows into them
 * @param queue earlier projections of the teacher, `[queueSize, dim]`; no gradient flows into them
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Zheng et al., NeurIPS 2021, https://arxiv.org/abs/2107.09282
 */
export function resslLoss(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  queue: tf.Tensor2D,
  options: ResslLossOptions = {},
): tf.Scalar {
  const { studentTemperature = 0.1, teacherTemperature = 0.04 } = options;
  requireViews({ q, k });
  requireRows({ q, queue });
  requirePositive({ studentTemperature, teacherTemperature });
  return tf.tidy(() => {
    const samples = stopGradient(queue);
    const relations = (z: tf.Tensor2D, tau: number | tf.Scalar) => tf.div(tf.matMul(z, samples, false, true), tau);
    const target = stopGradient(tf.softmax(relations(k, teacherTemperature)));
    const predicted = tf.logSoftmax(relations(q, studentTemperature));
    return tf.neg(tf.mean(tf.sum(tf.mul(target, predicted), 1)));
  });
}

export interface ResslOptions extends ResslLossOptions {
  /** τ_s, of the student's similarities, > 0 (default 0.1). */ studentTemperature?: number;
  /** τ_t, of the teacher's, > 0 (default 0.04). */ teacherTemperature?: number;
  /** K, samples in the queue, at least a batch (default 131072; the paper has 4096 for CIFAR). */ queueSize?: number;
  /** m of the teacher, in [0, 1] (default 0.999; the paper has 0.99 for CIFAR). */ momentum?: number;
  /** Widths of the projector after the encoder's own; batch norm and ReLU between (default `[4096, 512]`). */
  projector?: readonly number[];
}

/**
 * ReSSL: the student relates view 1 to a queue of samples as its slowly moving teacher relates view 0, which the paper
 * augments weakly (crop and flip alone).
 * Recipe of the paper: SGD, learning rate 0.05 · batch/256, weight decay 1e-4, 5 epochs of warm-up.
 * @see Zheng et al., NeurIPS 2021, https://arxiv.org/abs/2107.09282
 */
export function ressl(options: ResslOptions = {}): Objective {
  const { queueSize = 131072, momentum = 0.999, projector: widths = [4096, 512] } = options;
  const schedules = { momentum: teacherMomentum(momentum, { shape: 'constant' }) };
  return {
    name: 'ressl',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      const dims = [encoder.outputDim, ...widths];
      const network = { encoder, projector: mlpHead({ dims }) };
      const student = variablesOf(network);
      return {
        variables: { ...student, ...teacherOf(student), ...queueVariables(queueSize, dims.at(-1) ?? 0) },
        schedules,
        loss: ({ views }, context) => {
          const [weak, strong] = [views.slice(0, 1), views.slice(1)];
          const projection = projectViews(strong, { ...network, minBatch: 2 }, context);
          const k = normaliseRows(projectViews(weak, network, context.scope('teacher')));
          const queue = readQueue(context);
          const loss = resslLoss(normaliseRows(projection), k, queue.rows, options);
          writeQueue(context, enqueue(queue, k));
          return { loss, terms: { relation: loss }, projection };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, student, scheduled(scalars, 'momentum')),
      };
    },
  };
}
