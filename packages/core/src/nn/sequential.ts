import type { tf } from '../tf';
import { type Layer, variablesOf } from './layer';

/** A layer, or a function without variables such as `tf.relu`. */
export type Part = Layer | ((input: tf.Tensor) => tf.Tensor);

/**
 * Applies parts one after the other, in the order in which they are listed.
 * Variables: those of the layers, each under its key.
 */
export function sequential(parts: Readonly<Record<string, Part>>): Layer {
  const layers: [string, Layer][] = Object.entries(parts).map(([name, part]) => [
    name,
    typeof part === 'function' ? { variables: {}, apply: part } : part,
  ]);
  return {
    variables: variablesOf(Object.fromEntries(layers)),
    apply: (input, context) => layers.reduce((value, [name, layer]) => layer.apply(value, context.scope(name)), input),
  };
}
