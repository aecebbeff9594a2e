import { fusedOp } from '../fusedOp';
import { tf } from '../tf';
import { analyticGradient } from './analyticGradient';

/** An elementwise non-linearity by name: max(x, 0); x·Φ(x) exactly; the same with Φ approximated through tanh. */
export type Activation = 'relu' | 'gelu' | 'gelu-tanh';

/** The function of that name; input and output of any shape. */
export function activation<T extends tf.Tensor = tf.Tensor>(name: Activation): (input: T) => T {
  if (name === 'relu') return (input) => tf.relu(input);
  return name === 'gelu' ? gelu : geluTanh;
}

/**
 * GELU, x·Φ(x) with the normal distribution function Φ (Hendrycks & Gimpel 2016), https://arxiv.org/abs/1606.08415.
 * With u = x/√2: Φ = ½(1 + erf u) and the derivative is Φ + u·exp(−u²)/√π.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return fusedOp('gelu', { x }, {}, (inputs) => composedGelu<T>(inputs.x));
}

function composedGelu<T extends tf.Tensor>(x: tf.Tensor): T {
  return analyticGradient<T>(
    [x],
    () => {
      const u = tf.mul(x, Math.SQRT1_2);
      const cdf = tf.mul(tf.add(tf.erf(u), 1), 0.5);
      return { value: tf.mul(tf.mul(u, cdf), Math.SQRT2), saved: [u, cdf] };
    },
    (dy, u, cdf) => {
      const slope = tf.div(u, tf.exp(tf.mul(u, u))); // overflow of exp gives 0, which is right
      return [tf.mul(dy, tf.add(cdf, tf.mul(slope, 1 / Math.sqrt(Math.PI))))];
    },
  );
}

/** GELU's tanh approximation, ½x(1 + tanh(√(2/π)(x + 0.044715 x³))): no `erf`, which some backends lack. */
export function geluTanh<T extends tf.Tensor>(x: T): T {
  const slope = Math.sqrt(2 / Math.PI);
  const inner = tf.mul(tf.mul(x, slope), tf.add(tf.mul(tf.mul(x, x), 0.044715), 1));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}
