import { tf } from '../tf';

/**
 * A value with a hand-written gradient: `tf.customGrad` whose saved tensors reach the backward pass as arguments.
 * The ops of both functions stay off the tape.
 * @param inputs what the value is differentiated with respect to
 * @param forward the value, and the tensors that `backward` needs
 * @param backward gradients of all inputs, in order, from the gradient of the value and the saved tensors
 */
export function analyticGradient<T extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  forward: () => { readonly value: T; readonly saved: tf.Tensor[] },
  backward: (dy: T, ...saved: tf.Tensor[]) => tf.Tensor[],
): T {
  const differentiable = tf.customGrad<T>((...withSave) => {
    const save = withSave.at(-1);
    const { value, saved } = forward();
    if (typeof save === 'function') save(saved);
    return { value, gradFunc: (dy, kept) => backward(dy, ...kept) };
  });
  return differentiable(...inputs);
}
