import { initialise, type NamedTensors, type Optimizer, tf, toTensor, type Variables } from '@unlabel/core';

/** Parameters and slots between two steps. */
export interface OptimizerState {
  readonly parameters: NamedTensors;
  readonly slots: NamedTensors;
}

/** An optimizer's state before the first step. */
export function optimizerStart(optimizer: Optimizer, parameters: NamedTensors): OptimizerState {
  const variables: Variables = Object.fromEntries(
    Object.entries(parameters).map(([name, { shape }]) => [
      name,
      { shape, initial: () => new Float32Array(0), trainable: true },
    ]),
  );
  const slots = Object.entries(initialise(optimizer.slots(variables), 0));
  return { parameters, slots: Object.fromEntries(slots.map(([name, value]) => [name, toTensor(value)])) };
}

/** One step of an optimizer outside a training run. @param step updates made so far, 0 at the first */
export function optimizerStep(
  optimizer: Optimizer,
  state: OptimizerState,
  gradients: NamedTensors,
  options: { readonly learningRate: number; readonly step: number },
): OptimizerState {
  return optimizer.update({
    ...state,
    gradients,
    learningRate: tf.scalar(options.learningRate),
    weightDecayScale: tf.scalar(1),
    step: tf.scalar(options.step),
  });
}
