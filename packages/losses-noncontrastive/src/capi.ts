import { requirePositive, sinkhorn, tf, UnlabelError } from '@unlabel/core';

export interface CapiOptions {
  /** Divides the teacher's logits, > 0 (default 0.06). */ teacherTemperature?: number;
  /** Divides the student's logits, > 0 (default 0.12). */ studentTemperature?: number;
  /** Rounds of Sinkhorn–Knopp (default 3). */ iterations?: number;
}

/**
 * CAPI: cross-entropy of the student's cluster predictions with the teacher's assignments, averaged over all tokens.
 * Assignments use all clusters alike among the tokens of one position, over the batch; no gradient flows to them.
 * @param teacher logits, `[batch, tokens, clusters]`
 * @param student logits of the same tokens, predicted from others, same shape
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Darcet et al., Cluster and Predict Latent Patches, 2025, https://arxiv.org/abs/2502.08769
 */
export function capiLoss(teacher: tf.Tensor3D, student: tf.Tensor3D, options: CapiOptions = {}): tf.Scalar {
  const { teacherTemperature = 0.06, studentTemperature = 0.12, iterations = 3 } = options;
  requirePositive({ teacherTemperature, studentTemperature });
  requireTokens(teacher, student);
  return tf.tidy(() => {
    const byPosition = (logits: tf.Tensor3D): tf.Tensor3D => tf.transpose(logits, [1, 0, 2]);
    const assignments = sinkhorn(byPosition(teacher), { epsilon: teacherTemperature, iterations });
    const logP = tf.logSoftmax(tf.div(byPosition(student), studentTemperature));
    return tf.neg(tf.mean(tf.sum(tf.mul(assignments, logP), -1)));
  });
}

function requireTokens(teacher: tf.Tensor3D, student: tf.Tensor3D): void {
  if (teacher.shape.length === 3 && teacher.shape.join() === student.shape.join()) return;
  throw new UnlabelError('SHAPE_MISMATCH', `teacher is [${teacher.shape}] but student is [${student.shape}].`, {
    fix: 'Give [batch, tokens, clusters] twice.',
  });
}
