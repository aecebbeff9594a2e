import type { NamedTensors } from './backend';
import type { Encoder } from './encoder';
import { UnlabelError } from './errors';
import type { HostTensors, TensorSpecs } from './hostTensor';
import type { LayerContext, Variables } from './nn/layer';
import type { RunSchedule } from './optim/schedules';
import type { RandomStream } from './random';
import type { tf } from './tf';

/** What an objective computes its loss from. */
export interface ObjectiveInputs {
  /** The augmented views, each `[batch, ...shape]`. */ readonly views: readonly tf.Tensor[];
  /** Whatever else there is of the batch: {@link BoundObjective.draws}, and `labels` `[batch]` where the loader gives them. */
  readonly tensors: NamedTensors;
  /** Values of {@link BoundObjective.schedules} at this step. */ readonly scalars: Readonly<Record<string, tf.Scalar>>;
}

/** A loss and what should be watched about it. */
export interface LossReport {
  readonly loss: tf.Scalar;
  /** The terms that the loss is made of, unweighted, by the paper's names. */ readonly terms: Readonly<
    Record<string, tf.Scalar>
  >;
  /** What the loss sees of view 0, `[batch, dim]`, not normalised: the collapse monitor watches it. */ readonly projection: tf.Tensor2D;
}

/** A self-supervised method: how to assemble heads, teachers and a loss around any encoder. */
export interface Objective {
  readonly name: string;
  /** How many views of each sample it takes. */ readonly views: { readonly min: number; readonly max?: number };
  /** Smallest batch that the loss is defined for. */ readonly minBatch: number;
  /** What it cannot do without beside views: `labels` is class indices, int32 `[batch]`, in `inputs.tensors`. */
  readonly needs?: readonly 'labels'[];
  /** What to try first when its loss is not finite, as a sentence, where the method has an option for that. */
  readonly ifNotFinite?: string;
  /** @throws UnlabelError `INVALID_OPTION` when the encoder does not fit */
  bind(encoder: Encoder): BoundObjective;
}

/** What an objective draws outside the step, once a batch: masks, whose shapes a step could not choose. */
export interface ObjectiveDraws {
  /** What {@link ObjectiveDraws.draw} gives for so many samples, by the names in `inputs.tensors`: `masks/context`, … */
  specs(batch: number): TensorSpecs;
  /** Draws for one batch. Shapes are those of `specs`, whatever is drawn. */
  draw(random: RandomStream, batch: number): HostTensors;
}

/** An objective around one encoder. The encoder's variables stand under `encoder/`. */
export interface BoundObjective {
  readonly variables: Variables;
  /** Scalars that change over training (temperature of a teacher, EMA momentum), by the name they have in `inputs.scalars`. */
  readonly schedules?: Readonly<Record<string, RunSchedule>>;
  /** Drawn anew for each batch, from a stream that belongs to (seed, epoch, batch). */ readonly draws?: ObjectiveDraws;
  /** The loss of one batch, differentiable with respect to the trainable variables. */
  loss(inputs: ObjectiveInputs, context: LayerContext): LossReport;
  /**
   * Runs after the optimizer: `context.get` sees the new parameters. Moves teachers through `context.update`, which may set
   * parameters here, too: to clamp a learned temperature, or project prototypes.
   */
  afterUpdate?(inputs: Pick<ObjectiveInputs, 'scalars'>, context: LayerContext): void;
}

/** A scheduled scalar. @throws UnlabelError `VARIABLE_MISSING` */
export function scheduled(scalars: ObjectiveInputs['scalars'], name: string): tf.Scalar {
  const value = scalars[name];
  if (value) return value;
  throw new UnlabelError('VARIABLE_MISSING', `There is no schedule ${name} among ${Object.keys(scalars).join(', ')}.`, {
    fix: 'List it among the schedules that bind returns.',
  });
}
