import type { NamedTensors } from './backend';
import { tf } from './tf';
import { registerGradients } from './tfGradients';

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
  registerGradients(); // bundlers may leave out tf.ts, whose only export is tfjs's own
  const names = Object.keys(parameters);
  const tensors = Object.values(parameters);
  let kept: NamedTensors | undefined;
  const { value, grads } = tf.engine().gradients(
    () => {
      const { loss, extra } = lossOf();
      kept = cloned(extra); // clones, since an extra may be the loss itself or somebody's state
      for (const tensor of Object.values(kept)) tf.keep(tensor); // tfjs disposes what the taped function does not return
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
  const extra = cloned(kept); // these belong to the caller's tidy
  for (const tensor of Object.values(kept)) tensor.dispose();
  return { loss: value, extra, gradients };
}

function cloned(tensors: NamedTensors): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tf.clone(tensor)]));
}
