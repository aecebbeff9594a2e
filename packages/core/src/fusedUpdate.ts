import { findFused, putFused } from './fusedRegistry';
import { tf } from './tf';

/**
 * What optimizers and teachers do to many tensors at once, and for which a backend may bring kernels of its own: one
 * dispatch for a tensor, or for several. Results are in the order of the inputs. All float32.
 */
export interface FusedUpdates {
  /** `adam` and, decoupled, `adamw`. */
  readonly adam: FusedOptimizer<
    'moment1' | 'moment2',
    { readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly decoupled: boolean }
  >;
  readonly sgd: FusedOptimizer<'momentum', { readonly momentum: number; readonly nesterov: boolean }>;
  readonly lars: FusedOptimizer<
    'momentum',
    {
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly variant: 'barlow' | 'lightly' | 'solo';
      readonly trustCoefficient: number;
      readonly clipLearningRate: boolean;
    }
  >;
  /** mθ′ + (1 − m)θ of each teacher θ′ and student θ. */
  readonly ema: {
    readonly inputs: {
      readonly pairs: readonly { readonly teacher: tf.Tensor; readonly student: tf.Tensor }[];
      /** m, `[]` */ readonly momentum: tf.Tensor;
      /** Whether the kernel may overwrite the teachers. */ readonly donated: boolean;
    };
    readonly result: readonly tf.Tensor[];
  };
  /** The sum of the squares of all elements of all tensors, `[]`. */
  readonly squaredNorm: { readonly inputs: { readonly tensors: readonly tf.Tensor[] }; readonly result: tf.Scalar };
}

/** One step of an optimizer that treats each parameter alone. */
export interface FusedOptimizer<Slot extends string, Attributes extends object> {
  readonly inputs: Attributes & OptimizerInputs<Slot>;
  readonly result: readonly ParameterUpdate<Slot>[];
}

/** What an optimizer's step depends on; scalars have the shape `[]`. */
export interface OptimizerInputs<Slot extends string> {
  readonly parameters: readonly UpdatedParameter<Slot>[];
  readonly learningRate: tf.Tensor;
  readonly weightDecayScale: tf.Tensor;
  /** Updates made so far. */ readonly step: tf.Tensor;
  /** Whether the kernel may overwrite parameters and slots. */ readonly donated: boolean;
}

/** A parameter before a step, with tensors of its shape. */
export interface UpdatedParameter<Slot extends string> {
  readonly parameter: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly slots: Readonly<Record<Slot, tf.Tensor>>;
  /** Multiplies the learning rate. */ readonly learningRateScale: number;
  /** λ, before the schedule's scale; 0 where the parameter does not decay. */ readonly weightDecay: number;
}

/** The next values of a parameter and its slots. */
export interface ParameterUpdate<Slot extends string> {
  readonly parameter: tf.Tensor;
  readonly slots: Readonly<Record<Slot, tf.Tensor>>;
}

/** The name of a {@link FusedUpdates} entry. */
export type FusedUpdateName = keyof FusedUpdates;

/**
 * An update on one tfjs backend. Of what is donated to it nobody reads the old values: it may write the new ones in their
 * place, and give the same tensors back, unless other tensors share their values. All else it leaves as it is.
 */
export type FusedUpdateKernel<Name extends FusedUpdateName> = (
  inputs: FusedUpdates[Name]['inputs'],
) => FusedUpdates[Name]['result'];

/** Makes `kernel` what {@link fusedUpdate} runs while the tfjs backend of that name is active. */
export function registerFusedUpdate<Name extends FusedUpdateName>(
  name: Name,
  eager: string,
  kernel: FusedUpdateKernel<Name>,
): void {
  putFused(`update:${name}`, eager, kernel);
}

/**
 * New values by the active backend's kernel of that name; by `composed` where the backend has none, and while gradients
 * are taped, which do not pass through kernels.
 */
export function fusedUpdate<Name extends FusedUpdateName>(
  name: Name,
  inputs: () => FusedUpdates[Name]['inputs'],
  composed: () => FusedUpdates[Name]['result'],
): FusedUpdates[Name]['result'] {
  const kernel = findFused(`update:${name}`);
  if (typeof kernel !== 'function' || tf.engine().isTapeOn()) return composed();
  return (kernel as FusedUpdateKernel<Name>)(inputs()); // what registerFusedUpdate put there
}
