import type { NamedTensors } from '../backend';
import type { Variables } from '../nn/layer';
import type { tf } from '../tf';

/** What an optimizer is given at each step; all tensors by the parameter's name. */
export interface OptimizerArguments {
  readonly parameters: NamedTensors;
  readonly gradients: NamedTensors;
  /** The slots of {@link Optimizer.slots}. */ readonly slots: NamedTensors;
  readonly learningRate: tf.Scalar;
  /** Multiplies each group's weight decay; 1 unless weight decay is scheduled. */ readonly weightDecayScale: tf.Scalar;
  /** Updates made so far, 0 at the first, float32. */ readonly step: tf.Scalar;
  /**
   * Gives `parameters` and `slots` away: the caller does not read their old values again, and the backend may write the new
   * ones into the same memory, so that the result has the same tensors (default false). A step that throws afterwards may
   * leave some of its state moved.
   */
  readonly donated?: boolean;
}

/** New values of every parameter and slot. */
export interface OptimizerResult {
  readonly parameters: NamedTensors;
  readonly slots: NamedTensors;
}

/** How parameters move. Pure: all memory is in slots. */
export interface Optimizer {
  readonly name: string;
  /** The state it keeps for these (trainable) parameters, named `<slot>/<parameter>`. */
  slots(parameters: Variables): Variables;
  update(args: OptimizerArguments): OptimizerResult;
}
