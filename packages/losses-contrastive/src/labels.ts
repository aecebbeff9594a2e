import { type NamedTensors, tf, UnlabelError } from '@unlabel/core';

/**
 * 1 where two samples are of one class and 0 elsewhere, `[batch, batch]`.
 * @param labels int32 `[batch]`; without them, each sample is a class of its own
 * @throws UnlabelError `SHAPE_MISMATCH`
 */
export function sameClass(batch: number, labels?: tf.Tensor1D): tf.Tensor2D {
  if (!labels) return tf.eye(batch);
  if (labels.rank !== 1 || labels.size !== batch || labels.dtype !== 'int32') {
    const given = `${labels.dtype} [${labels.shape}]`;
    throw new UnlabelError('SHAPE_MISMATCH', `labels is ${given} for ${batch} samples.`, {
      fix: 'Give the class of each sample, as int32.',
    });
  }
  return tf.cast(tf.equal(tf.reshape(labels, [batch, 1]), tf.reshape(labels, [1, batch])), 'float32');
}

/** The labels among the tensors of a batch. @throws UnlabelError `LABELS_MISSING` */
export function labelsOf({ labels }: NamedTensors): tf.Tensor1D {
  if (labels) return tf.reshape<tf.Rank.R1>(labels, [-1]);
  throw new UnlabelError('LABELS_MISSING', 'The batch has no labels.', {
    fix: 'Let the loader give them: loader(dataset, { labels: true, … }).',
  });
}
