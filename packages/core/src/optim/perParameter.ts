import { UnlabelError } from '../errors';
import type { OptimizerInputs, ParameterUpdate, UpdatedParameter } from '../fusedUpdate';
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

/** An optimizer that treats each parameter alone. */
export interface PerParameterOptions<Slot extends string> extends DecayOptions {
  readonly name: string;
  /** Slots of the parameter's shape, first 0. */ readonly slotNames: readonly Slot[];
  /** The rule for all parameters at once, by the backend's kernel where it has one (default: none has). */
  readonly fused?: (
    inputs: OptimizerInputs<Slot>,
    composed: () => readonly ParameterUpdate<Slot>[],
  ) => readonly ParameterUpdate<Slot>[];
  /** Called once a step, for what all parameters share; the result is called for each. */
  readonly rule: (args: OptimizerArguments) => (at: ParameterAtStep<Slot>) => ParameterUpdate<Slot>;
}

/** Builds an {@link Optimizer} from the rule for one parameter. */
export function perParameter<Slot extends string>(options: PerParameterOptions<Slot>): Optimizer {
  const {
    name,
    slotNames,
    rule,
    weightDecay = 0,
    fused = (_, composed) => composed(),
    groups = [undecayedVectors],
  } = options;
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
      const names = Object.keys(args.parameters);
      const parameters = names.map((name): UpdatedParameter<Slot> => {
        const parameter = find(args.parameters, name);
        const { learningRateScale, weightDecayScale } = scalesOf(groups, name, parameter.shape);
        return {
          parameter,
          gradient: find(args.gradients, name),
          slots: bySlot(slotNames, (slot) => find(args.slots, `${slot}/${name}`)),
          learningRateScale,
          weightDecay: weightDecay * weightDecayScale,
        };
      });
      const updates = fused({ ...args, parameters, donated: args.donated ?? false }, () =>
        oneByOne(rule(args), args, parameters),
      );
      const slots = updates.flatMap((update, index) =>
        slotNames.map((slot) => [`${slot}/${names[index]}`, update.slots[slot]] as const),
      );
      return {
        parameters: Object.fromEntries(updates.map(({ parameter }, index) => [names[index], parameter] as const)),
        slots: Object.fromEntries(slots),
      };
    },
  };
}

function oneByOne<Slot extends string>(
  updateOne: (at: ParameterAtStep<Slot>) => ParameterUpdate<Slot>,
  { learningRate, weightDecayScale }: OptimizerArguments,
  parameters: readonly UpdatedParameter<Slot>[],
): readonly ParameterUpdate<Slot>[] {
  const [rates, decays] = [multiples(learningRate), multiples(weightDecayScale)];
  return parameters.map(({ parameter, gradient, slots, learningRateScale, weightDecay }) =>
    updateOne({
      parameter,
      gradient,
      learningRate: rates(learningRateScale),
      decay: weightDecay === 0 ? undefined : decays(weightDecay),
      slot: (slot) => slots[slot],
    }),
  );
}

function bySlot<Slot extends string>(names: readonly Slot[], tensor: (slot: Slot) => tf.Tensor) {
  return Object.fromEntries(names.map((slot) => [slot, tensor(slot)])) as Record<Slot, tf.Tensor>; // each has an entry
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
