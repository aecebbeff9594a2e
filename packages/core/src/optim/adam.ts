import { fusedUpdate, type OptimizerInputs, type ParameterUpdate } from '../fusedUpdate';
import { tf } from '../tf';
import type { Optimizer, OptimizerArguments } from './optimizer';
import { type DecayOptions, type ParameterAtStep, perParameter } from './perParameter';

/** Constants of {@link adam} and {@link adamw}. */
export interface AdamOptions extends DecayOptions {
  /** β₁, memory of the gradient (default 0.9). */ readonly beta1?: number;
  /** β₂, memory of its square (default 0.999; 0.95 for MAE). */ readonly beta2?: number;
  /** ε, added to the root of the second moment (default 1e-8). */ readonly epsilon?: number;
}

/**
 * Adam with weight decay apart from the gradient (default 0.01): θ ← θ − η(m̂/(√v̂ + ε) + λθ).
 * @see Loshchilov & Hutter, ICLR 2019, https://arxiv.org/abs/1711.05101, Algorithm 2
 */
export function adamw(options: AdamOptions = {}): Optimizer {
  const { weightDecay = 0.01 } = options;
  return perParameter({
    ...options,
    name: 'adamw',
    weightDecay,
    slotNames,
    fused: fusedAdam(options, true),
    rule: (args) => {
      const adamStep = adamRule(args, options);
      return (at) => {
        const { parameter, learningRate, decay } = at;
        const shrunk = decay ? tf.mul(parameter, tf.sub(1, tf.mul(learningRate, decay))) : parameter;
        return adamStep(at, shrunk, at.gradient);
      };
    },
  });
}

/**
 * Adam, with weight decay (default 0) added to the gradient: g ← g + λθ, then θ ← θ − η m̂/(√v̂ + ε).
 * @see Kingma & Ba, ICLR 2015, https://arxiv.org/abs/1412.6980, Algorithm 1
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return perParameter({
    ...options,
    name: 'adam',
    slotNames,
    fused: fusedAdam(options, false),
    rule: (args) => {
      const adamStep = adamRule(args, options);
      return (at) => {
        const { parameter, gradient, decay } = at;
        return adamStep(at, parameter, decay ? tf.add(gradient, tf.mul(parameter, decay)) : gradient);
      };
    },
  });
}

const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

function fusedAdam({ beta1, beta2, epsilon }: AdamOptions, decoupled: boolean) {
  const constants = {
    beta1: beta1 ?? defaults.beta1,
    beta2: beta2 ?? defaults.beta2,
    epsilon: epsilon ?? defaults.epsilon,
  };
  return (inputs: OptimizerInputs<Slot>, composed: () => readonly ParameterUpdate<Slot>[]) =>
    fusedUpdate('adam', () => ({ ...inputs, ...constants, decoupled }), composed);
}

const slotNames = ['moment1', 'moment2'] as const;
type Slot = (typeof slotNames)[number];

/** θ − η m̂/(√v̂ + ε), with both bias corrections folded into scalars: η√c₂/c₁ · m/(√v + ε√c₂) for cᵢ = 1 − βᵢᵗ. */
function adamRule({ step }: OptimizerArguments, options: AdamOptions) {
  const { beta1 = defaults.beta1, beta2 = defaults.beta2, epsilon = defaults.epsilon } = options;
  const t = tf.add(step, 1);
  const correction1 = tf.sub(1, tf.pow(beta1, t));
  const root2 = tf.sqrt(tf.sub(1, tf.pow(beta2, t)));
  const correction = tf.div(root2, correction1);
  const offset = tf.mul(root2, epsilon);
  return (at: ParameterAtStep<Slot>, parameter: tf.Tensor, gradient: tf.Tensor) => {
    const moment1 = tf.add(tf.mul(at.slot('moment1'), beta1), tf.mul(gradient, 1 - beta1));
    const moment2 = tf.add(tf.mul(at.slot('moment2'), beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const direction = tf.div(moment1, tf.add(tf.sqrt(moment2), offset));
    const moved = tf.sub(parameter, tf.mul(direction, tf.mul(at.learningRate, correction)));
    return { parameter: moved, slots: { moment1, moment2 } };
  };
}
