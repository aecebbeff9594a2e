import { fusedUpdate } from '../fusedUpdate';
import { tf } from '../tf';
import type { Optimizer } from './optimizer';
import { type DecayOptions, type ParameterAtStep, perParameter } from './perParameter';

/**
 * Which code's trust ratio q to compute, where g is the gradient, θ the parameter, λ its weight decay and η the trust
 * coefficient:
 * - `'barlow'` (Barlow Twins, VICReg, MoCo v3): q = η‖θ‖/‖g + λθ‖; parameters with fewer than two axes are not adapted
 * - `'lightly'`: q = η‖θ‖/(‖g‖ + λ‖θ‖ + 1e-8); parameters without weight decay are not adapted
 * - `'solo'` (solo-learn, after Apex): as lightly, but parameters without weight decay are adapted too
 */
export type LarsVariant = 'barlow' | 'lightly' | 'solo';

/** Constants of {@link lars}. */
export interface LarsOptions extends DecayOptions {
  /** Default `'barlow'`. */ readonly variant?: LarsVariant;
  /** Memory of the adapted gradient (default 0.9). */ readonly momentum?: number;
  /** η, how far a parameter may move for its norm (default 0.001; solo-learn's CIFAR settings have 0.02). */
  readonly trustCoefficient?: number;
  /** Whether to look one step of momentum ahead (default false). */ readonly nesterov?: boolean;
  /** Keeps q from raising the learning rate: min(q/learning rate, 1), as solo-learn's `clip_lr` (default false). */
  readonly clipLearningRate?: boolean;
}

/**
 * LARS: momentum SGD whose gradients are scaled layer by layer, b ← μb + q(g + λθ), θ ← θ − ηb. Three incompatible trust
 * ratios q are in use; results carry over between codes only with the same {@link LarsVariant}.
 * @see You, Gitman & Ginsburg 2017, https://arxiv.org/abs/1708.03888
 */
export function lars(options: LarsOptions = {}): Optimizer {
  const { momentum: mu = 0.9, nesterov = false } = options;
  const { variant = 'barlow', trustCoefficient = 0.001, clipLearningRate = false } = options;
  const constants = { momentum: mu, nesterov, variant, trustCoefficient, clipLearningRate };
  return perParameter({
    ...options,
    name: 'lars',
    slotNames: ['momentum'],
    fused: (inputs, composed) => fusedUpdate('lars', () => ({ ...inputs, ...constants }), composed),
    rule: () => (at) => {
      const { parameter, decay, learningRate } = at;
      const decayed = decay ? tf.add(at.gradient, tf.mul(parameter, decay)) : at.gradient;
      const ratio = trustRatio(at, decayed, constants);
      const adapted = ratio ? tf.mul(decayed, ratio) : decayed;
      const momentum = tf.add(tf.mul(at.slot('momentum'), mu), adapted);
      const direction = nesterov ? tf.add(adapted, tf.mul(momentum, mu)) : momentum;
      return { parameter: tf.sub(parameter, tf.mul(direction, learningRate)), slots: { momentum } };
    },
  });
}

/** q, a scalar; none for parameters that are not adapted. */
function trustRatio(
  at: ParameterAtStep<string>,
  decayed: tf.Tensor,
  options: Required<Pick<LarsOptions, 'variant' | 'trustCoefficient' | 'clipLearningRate'>>,
): tf.Tensor | undefined {
  const { variant, trustCoefficient: eta, clipLearningRate } = options;
  const { parameter, gradient, decay, learningRate } = at;
  if (variant === 'barlow' ? parameter.rank < 2 : variant === 'lightly' && !decay) return undefined;
  const size = norm(parameter);
  const change = norm(variant === 'barlow' ? decayed : gradient);
  const decaySize = decay && variant !== 'barlow' ? tf.mul(size, decay) : tf.scalar(0);
  const ratio = tf.div(tf.mul(size, eta), tf.add(tf.add(change, decaySize), variant === 'barlow' ? 0 : 1e-8));
  const bounded = clipLearningRate ? tf.minimum(tf.div(ratio, learningRate), 1) : ratio;
  const changes = tf.greater(change, 0);
  // Where a norm is 0 the gradient stays as it is; without one, only Barlow Twins' code decays.
  const otherwise = variant === 'barlow' ? tf.onesLike(change) : tf.cast(changes, 'float32');
  return tf.where(tf.logicalAnd(tf.greater(size, 0), changes), bounded, otherwise);
}

function norm(tensor: tf.Tensor): tf.Scalar {
  return tf.sqrt(tf.sum(tf.square(tensor)));
}
