import { UnlabelError } from '../errors';
import { tf } from '../tf';
import type { Layer } from './layer';

/**
 * While training, sets each element to 0 with probability `rate` and divides the others by 1 − rate.
 * @param rate in [0, 1)
 * @throws UnlabelError `INVALID_OPTION`
 * @see Srivastava et al., JMLR 2014, https://jmlr.org/papers/v15/srivastava14a.html
 */
export function dropout<T extends tf.Tensor = tf.Tensor>(rate: number): Layer<T, T> {
  return dropped(rate, (shape) => shape);
}

/**
 * Stochastic depth: `dropout` of whole samples, for the branch of a residual block.
 * @param rate in [0, 1)
 * @throws UnlabelError `INVALID_OPTION`
 * @see Huang et al., ECCV 2016, https://arxiv.org/abs/1603.09382
 */
export function dropPath<T extends tf.Tensor = tf.Tensor>(rate: number): Layer<T, T> {
  return dropped(rate, (shape) => shape.map((extent, axis) => (axis === 0 ? extent : 1)));
}

function dropped<T extends tf.Tensor>(rate: number, maskShape: (shape: number[]) => number[]): Layer<T, T> {
  if (!(rate >= 0 && rate < 1)) {
    throw new UnlabelError('INVALID_OPTION', `A dropout rate of ${rate} is not in [0, 1).`);
  }
  return {
    variables: {},
    apply: (input, context) => {
      if (!context.training || rate === 0) return input;
      const draw = context.random.uniform('drop', maskShape(input.shape));
      const mask = tf.cast(tf.greaterEqual(draw, rate), 'float32');
      return tf.mul(input, tf.mul(mask, 1 / (1 - rate)));
    },
  };
}
