import type { NamedTensors } from '../backend';
import { fusedUpdate } from '../fusedUpdate';
import { tf } from '../tf';

/**
 * Scales all gradients by min(1, maxNorm / ‖g‖), where ‖g‖ is the Euclidean norm over all of them together.
 * @param maxNorm none: gradients come back as they are, with their norm
 * @see Pascanu, Mikolov & Bengio, ICML 2013, https://arxiv.org/abs/1211.5063, Algorithm 1
 */
export function clipByGlobalNorm(
  gradients: NamedTensors,
  maxNorm?: number,
): { readonly gradients: NamedTensors; readonly norm: tf.Scalar } {
  const tensors = Object.values(gradients);
  const squares = () => tensors.map((gradient) => tf.sum<tf.Scalar>(tf.square(gradient)));
  const norm = tf.sqrt(
    fusedUpdate(
      'squaredNorm',
      () => ({ tensors }),
      () => tf.addN<tf.Scalar>([tf.scalar(0), ...squares()]),
    ),
  );
  if (maxNorm === undefined) return { gradients, norm };
  const scale = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
  const clipped = Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, scale)] as const);
  return { gradients: Object.fromEntries(clipped), norm };
}
