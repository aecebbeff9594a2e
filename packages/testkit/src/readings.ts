import { lossAndGradients, type NamedTensors, type tf, UnlabelError, type UnlabelErrorCode } from '@unlabel/core';

/** The value of a scalar. */
export function numberOf(scalar: tf.Tensor): number {
  return scalar.dataSync()[0] ?? Number.NaN;
}

/** All elements of the gradients of a loss with respect to the given tensors, one tensor after the other. */
export function gradientsOf(loss: () => tf.Scalar, inputs: NamedTensors): readonly number[] {
  const { gradients } = lossAndGradients(() => ({ loss: loss(), extra: {} }), inputs);
  return Object.values(gradients).flatMap((gradient) => [...gradient.dataSync()]);
}

/** The code with which a call was refused, or `undefined` when it went through. Other errors are thrown on. */
export function refusalOf(call: () => unknown): UnlabelErrorCode | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (UnlabelError.is(error)) return error.code;
    throw error;
  }
}
