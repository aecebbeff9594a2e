import {
  logSumExp,
  mlpHead,
  moveTeacher,
  normaliseRows,
  type Objective,
  projectViews,
  requirePositive,
  requireViews,
  rowLogSumExp,
  scheduled,
  stopGradient,
  teacherMomentum,
  teacherOf,
  tf,
  variablesOf,
} from '@unlabel/core';
import { enqueue, queueVariables, readQueue, writeQueue } from './queue';
import { requireRows } from './requireRows';

export interface MocoLossOptions {
  /** τ, divides the similarities, > 0 (default 0.2, MoCo v2's; 0.07 in MoCo v1). */ temperature?: number | tf.Scalar;
}

/**
 * InfoNCE against a queue, eq. 1, averaged over the batch: L_q = −log( exp(q·k₊/τ) / Σᵢ exp(q·kᵢ/τ) ), where the positive
 * k₊ is the key of q's own sample and i runs over it and the rows of the queue.
 * @param q queries, `[batch, dim]`, not normalised
 * @param k keys of the same samples, same shape, not normalised; a gradient would reach them, and a teacher's have none
 * @param queue other keys, `[queueSize, dim]`, of length 1 already; no gradient flows into it
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see He, Fan, Wu, Xie & Girshick, CVPR 2020, https://arxiv.org/abs/1911.05722
 */
export function mocoLoss(q: tf.Tensor2D, k: tf.Tensor2D, queue: tf.Tensor2D, options: MocoLossOptions = {}): tf.Scalar {
  return tf.tidy(() => {
    const { queries, positive } = scaled(q, k, queue, options);
    const negatives = rowLogSumExp(queries, queue, { constantKeys: true });
    const both: tf.Tensor2D = tf.reshape(tf.stack([positive, negatives], 1), [-1, 2]);
    return tf.mean(tf.sub(logSumExp(both), positive));
  });
}

/** What {@link mocoLoss} classifies, of the same arguments: q·kᵢ/τ, the positive first, `[batch, 1 + queueSize]`. */
export function mocoLogits(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  queue: tf.Tensor2D,
  options: MocoLossOptions = {},
): tf.Tensor2D {
  return tf.tidy(() => {
    const { queries, positive } = scaled(q, k, queue, options);
    const negative: tf.Tensor2D = tf.matMul(queries, stopGradient(queue), false, true);
    return tf.concat2d([tf.expandDims(positive, 1), negative], 1);
  });
}

/** q/τ of length 1/τ, and q·k₊/τ, `[batch]`. */
function scaled(q: tf.Tensor2D, k: tf.Tensor2D, queue: tf.Tensor2D, { temperature: tau = 0.2 }: MocoLossOptions) {
  requireViews({ q, k });
  requireRows({ q, queue });
  requirePositive({ temperature: tau });
  const queries: tf.Tensor2D = tf.div(normaliseRows(q), tau);
  return { queries, positive: tf.sum<tf.Tensor1D>(tf.mul(queries, normaliseRows(k)), 1) };
}

export interface MocoOptions extends MocoLossOptions {
  /** τ, divides the similarities, > 0 (default 0.2). */ temperature?: number;
  /** K, keys in the queue, at least a batch (default 65536). */ queueSize?: number;
  /** m of the teacher that makes the keys, in [0, 1] (default 0.999). */ momentum?: number;
  /** Widths of the projector after the encoder's own, ReLU between (default `[encoder's width, 128]`). */
  projector?: readonly number[];
}

/**
 * MoCo v2: queries of view 0 find the keys that a slowly moving teacher makes of view 1, among a queue of earlier keys.
 * `{ temperature: 0.07, projector: [128] }` is MoCo v1. The teacher sees the batch in the order of the student, without
 * the paper's shuffling of batch norm, which takes several devices; its batch norm has statistics of its own.
 * Recipe of the paper: SGD, learning rate 0.03 · batch/256, weight decay 1e-4.
 * @see He et al., CVPR 2020, https://arxiv.org/abs/1911.05722
 * @see Chen, Fan, Girshick & He, MoCo v2, 2020, https://arxiv.org/abs/2003.04297
 */
export function moco(options: MocoOptions = {}): Objective {
  const { queueSize = 65536, momentum = 0.999 } = options;
  const schedules = { momentum: teacherMomentum(momentum, { shape: 'constant' }) };
  return {
    name: 'moco',
    views: { min: 2, max: 2 },
    minBatch: 1,
    bind: (encoder) => {
      const { projector: widths = [encoder.outputDim, 128] } = options;
      const dims = [encoder.outputDim, ...widths];
      const network = { encoder, projector: mlpHead({ dims, norm: 'none' }) };
      const student = variablesOf(network);
      return {
        variables: { ...student, ...teacherOf(student), ...queueVariables(queueSize, dims.at(-1) ?? 0) },
        schedules,
        loss: ({ views }, context) => {
          const q = projectViews(views.slice(0, 1), network, context);
          const k = projectViews(views.slice(1), network, context.scope('teacher'));
          const queue = readQueue(context);
          const loss = mocoLoss(q, k, queue.rows, options);
          writeQueue(context, enqueue(queue, normaliseRows(k)));
          return { loss, terms: { infoNce: loss }, projection: q };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, student, scheduled(scalars, 'momentum')),
      };
    },
  };
}
