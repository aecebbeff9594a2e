import { UnlabelError } from '../errors';
import { tf } from '../tf';
import { analyticGradient } from './analyticGradient';

export interface SinkhornOptions {
  /** ε, divides the scores, > 0: the lower, the nearer codes are to one-hot (default 0.05). */
  readonly epsilon?: number | tf.Scalar;
  /** Default 3. */ readonly iterations?: number;
  /** 1 for rows that share the prototypes out, 0 for rows that only receive codes, `[batch]` (default: all 1). */
  readonly rowWeights?: tf.Tensor1D;
}

/**
 * Codes that use all prototypes alike: exp(scores/ε), whose columns and rows are brought by turns to the sums batch/count
 * and 1, in logarithms. Codes are targets: no gradient flows to the scores. For shares p instead of scores, give log p and
 * ε = 1.
 * @param scores similarities of samples and prototypes, `[batch, count]`; along axes before these, each its own problem
 * @returns same shape, rows sum to 1
 * @throws UnlabelError `INVALID_OPTION`
 * @see Cuturi, NeurIPS 2013, https://arxiv.org/abs/1306.0895; Caron et al., SwAV, 2020, https://arxiv.org/abs/2006.09882
 */
export function sinkhorn<T extends tf.Tensor = tf.Tensor2D>(scores: T, options: SinkhornOptions = {}): T {
  const { epsilon = 0.05, iterations = 3, rowWeights } = options;
  requireSinkhorn(epsilon, iterations);
  return analyticGradient<T>(
    [scores],
    () => {
      const receiving = rowWeights ? tf.reshape(tf.mul(tf.sub(rowWeights, 1), 1e30), [-1, 1]) : 0; // 0, or out of any sum
      let codes: T = tf.div(scores, epsilon);
      for (let iteration = 0; iteration < iterations; iteration++) {
        codes = tf.sub(codes, tf.logSumExp(tf.add(codes, receiving), -2, true));
        codes = tf.sub(codes, tf.logSumExp(codes, -1, true));
      }
      return { value: tf.exp(codes), saved: [] };
    },
    () => [tf.zerosLike(scores)],
  );
}

function requireSinkhorn(epsilon: number | tf.Scalar, iterations: number): void {
  if (typeof epsilon === 'number' && !(epsilon > 0)) {
    throw new UnlabelError('INVALID_OPTION', `epsilon is ${epsilon}.`, { fix: 'Give a number above 0, such as 0.05.' });
  }
  if (!(Number.isInteger(iterations) && iterations >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `iterations is ${iterations}.`, { fix: 'Give a whole number from 1.' });
  }
}
