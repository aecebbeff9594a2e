import { fusedUpdate } from '../fusedUpdate';
import { tf } from '../tf';
import type { Optimizer } from './optimizer';
import { type DecayOptions, perParameter } from './perParameter';

/** Constants of {@link sgd}. */
export interface SgdOptions extends DecayOptions {
  /** μ, memory of past gradients (default 0.9). */ readonly momentum?: number;
  /** Whether to look one step of momentum ahead (default false). */ readonly nesterov?: boolean;
}

/**
 * Gradient descent with momentum, as PyTorch has it: g ← g + λθ, b ← μb + g, θ ← θ − ηb; with Nesterov, θ ← θ − η(g + μb).
 * @see Sutskever et al., ICML 2013, https://proceedings.mlr.press/v28/sutskever13.html
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum: mu = 0.9, nesterov = false } = options;
  return perParameter({
    ...options,
    name: 'sgd',
    slotNames: ['momentum'],
    fused: (inputs, composed) => fusedUpdate('sgd', () => ({ ...inputs, momentum: mu, nesterov }), composed),
    rule: () => (at) => {
      const { parameter, decay, learningRate } = at;
      const gradient = decay ? tf.add(at.gradient, tf.mul(parameter, decay)) : at.gradient;
      const momentum = tf.add(tf.mul(at.slot('momentum'), mu), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(momentum, mu)) : momentum;
      return { parameter: tf.sub(parameter, tf.mul(direction, learningRate)), slots: { momentum } };
    },
  });
}
