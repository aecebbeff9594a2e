import { tf } from '@unlabel/core';

/**
 * Replaces the sum of many tensors of a tfjs backend, which binds all of them at once: of more than a device has bindings
 * for, its shader is not valid. Ours sums as many as it may, then what comes of them.
 */
export function replaceAddN(eager: string): void {
  const own = tf.getKernel(tf.AddN, eager);
  if (!own || replaced.has(own.kernelFunc)) return;
  const kernelFunc: tf.KernelFunc = (call) => {
    const tensors = Object.values(call.inputs).filter((tensor) => tensor instanceof tf.Tensor);
    if (tensors.length <= atOnce) return own.kernelFunc(call);
    const parts = Array.from({ length: Math.ceil(tensors.length / atOnce) }, (_, part) =>
      tf.addN(tensors.slice(part * atOnce, (part + 1) * atOnce)),
    );
    return tf.addN(parts);
  };
  replaced.add(kernelFunc);
  tf.unregisterKernel(tf.AddN, eager);
  tf.registerKernel({ ...own, kernelFunc });
}

/** WebGPU promises eight storage buffers, one of which the sum takes. */
const atOnce = 7;

const replaced = new WeakSet<tf.KernelFunc>();
