import { UnlabelError } from '../errors';
import { zeros } from '../nn/initializers';
import { tf } from '../tf';
import { type ParameterGroup, scalesOf, undecayedVectors } from './groups';
import type { Optimizer, OptimizerArguments } from './optimizer';

/** What all optimizers of parameters one by one share. */
export interface DecayOptions {
  /** λ, weight decay (default 0 but for `adamw`). */ readonly weightDecay?: number;
  /** Rates of their own for some parameters (default {@link undecayedVectors}); `[]` treats all alike. */
  readonly groups?: readonly ParameterGroup[];
}

/** One parameter at one step. */
export interface ParameterAtStep<Slot extends string> {
  readonly parameter: tf.Tensor;
  readonly gradient: tf.Tensor;
  /** η, scalar, with the group's scale in it. */ readonly learningRate: tf.Tensor;
  /** λ, scalar, with the group's and the schedule's scale in it; none where the parameter does not decay. */
  readonly decay: tf.Tensor | undefined;
  /** The slot's value. */
  slot(name: Slot): tf.Tensor;
}

/** The next values of a parameter and its slots. */
export interface ParameterUpdate<Slot extends string> {
  readonly parameter: tf.Tensor;
  readonly slots: Readonly<Record<Slot, tf.Tensor>>;
}

/** An optimizer that treats each parameter alone. */
export interface PerParameterOptions<Slot extends string> extends DecayOptions {
  readonly name: string;
  /** Slots of the parameter's shape, first 0. */ readonly slotNames: readonly Slot[];
  /** Called once a step, for what all parameters share; the result is called for each. */
  readonly rule: (args: OptimizerArguments) => (at: ParameterAtStep<Slot>) => ParameterUpdate<Slot>;
}

/** Builds an {@link Optimizer} from the rule for one parameter. */
export function perParameter<Slot extends string>(options: PerParameterOptions<Slot>): Optimizer {
  const { name, slotNames, rule, weightDecay = 0, groups = [undecayedVectors] } = options;
  return {
    name,
    slots: (parameters) =>
      Object.fromEntries(
        slotNames.flatMap((slot) =>
          Object.entries(parameters).map(([parameter, { shape }]) => [
            `${slot}/${parameter}`,
            { shape, initial: zeros, trainable: false },
          ]),
        ),
      ),
    update: (args) => {
      const updateOne = rule(args);
      const [rates, decays] = [multiples(args.learningRate), multiples(args.weightDecayScale)];
      const parameters: Record<string, tf.Tensor> = {};
      const slots: Record<string, tf.Tensor> = {};
      for (const [name, parameter] of Object.entries(args.parameters)) {
        const scales = scalesOf(groups, name, parameter.shape);
        const lambda = weightDecay * scales.weightDecayScale;
        const next = updateOne({
          parameter,
          gradient: find(args.gradients, name),
          learningRate: rates(scales.learningRateScale),
          decay: lambda === 0 ? undefined : decays(lambda),
          slot: (slot) => find(args.slots, `${slot}/${name}`),
        });
        parameters[name] = next.parameter;
        for (const slot of slotNames) slots[`${slot}/${name}`] = next.slots[slot];
      }
      return { parameters, slots };
    },
  };
}

/** Multiples of a scalar, each computed once. */
function multiples(scalar: tf.Tensor): (factor: number) => tf.Tensor {
  const known = new Map<number, tf.Tensor>([[1, scalar]]);
  return (factor) => {
    const multiple = known.get(factor) ?? tf.mul(scalar, factor);
    known.set(factor, multiple);
    return multiple;
  };
}

function find(tensors: Readonly<Record<string, tf.Tensor>>, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor) return tensor;
  throw new UnlabelError('VARIABLE_MISSING', `The optimizer was given no tensor ${name}.`, {
    fix: 'Give a gradient for each parameter, and the slots that `slots(parameters)` lists.',
  });
}
