import { fusedOp } from '../fusedOp';
import { stopGradient } from '../stopGradient';
import { tf } from '../tf';
import { logSumExp } from './logSumExp';

/**
 * log Σⱼ exp(qᵢ·kⱼ) of each query: the denominator of InfoNCE, of queries that have been divided by the temperature.
 * @param queries `[rows, dim]`
 * @param keys `[columns, dim]`
 * @param options `constantKeys` for keys of a queue, to which no gradient flows (default false)
 * @returns `[rows]`
 */
export function rowLogSumExp(
  queries: tf.Tensor2D,
  keys: tf.Tensor2D,
  { constantKeys = false }: { readonly constantKeys?: boolean } = {},
): tf.Tensor1D {
  return fusedOp<'rowLogSumExp', tf.Tensor1D>(
    'rowLogSumExp',
    { queries, keys },
    { constantKeys },
    ({ queries, keys }) =>
      logSumExp(tf.matMul<tf.Tensor2D>(queries, constantKeys ? stopGradient(keys) : keys, false, true)),
  );
}

/**
 * {@link rowLogSumExp} of each query over the keys, then of each key over the queries: both denominators of CLIP.
 * @param queries `[rows, dim]`
 * @param keys `[columns, dim]`
 * @returns `[rows + columns]`
 */
export function bothLogSumExp(queries: tf.Tensor2D, keys: tf.Tensor2D): tf.Tensor1D {
  return fusedOp<'bothLogSumExp', tf.Tensor1D>('bothLogSumExp', { queries, keys }, {}, ({ queries, keys }) => {
    const scores: tf.Tensor2D = tf.matMul(queries, keys, false, true);
    return tf.concat1d([logSumExp(scores), logSumExp(tf.transpose(scores))]);
  });
}
