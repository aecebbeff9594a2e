import type { NamedTensors } from './backend';
import { tf } from './tf';

/** A loss, whatever else was computed on the way, and the gradient with respect to every parameter. */
export interface LossAndGradients {
  readonly loss: tf.Scalar;
  readonly extra: NamedTensors;
  readonly gradients: NamedTensors;
}

/**
 * Differentiates a loss with respect to named tensors, and lets other results (terms, new statistics) out of the taped
 * function. A parameter that the loss does not depend on gets a zero gradient. All results are the caller's to dispose.
 */
export function lossAndGradients(
  lossOf: () => { readonly loss: tf.Scalar; readonly extra: NamedTensors },
  parameters: NamedTensors,
): LossAndGradients {
  const names = Object.keys(parameters);
  const tensors = Object.values(parameters);
  let kept: NamedTensors | undefined;
  const { value, grads } = tf.engine().gradients(
    () => {
      const { loss, extra } = lossOf();
      for (const tensor of Object.values(extra)) tf.keep(tensor); // tfjs disposes what the taped function does not return
      kept = extra;
      return loss;
    },
    tensors,
    undefined,
    true, // no error when some parameter is unreachable: its gradient comes back null
  );
  if (kept === undefined) throw new Error('tf.engine().gradients did not call the function.');
  const gradients = Object.fromEntries(
    names.map((name, index) => [name, grads[index] ?? tf.zeros(tensors[index]?.shape ?? [])]),
  );
  const loss = Object.values(kept).includes(value) ? tf.clone(value) : value; // a term may be the loss itself
  return { loss, extra: release(kept), gradients };
}

/** Hands kept tensors over to the caller's tidy. */
function release(kept: NamedTensors): NamedTensors {
  const released: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(kept)) {
    released[name] = tf.clone(tensor);
    tensor.dispose();
  }
  return released;
}
