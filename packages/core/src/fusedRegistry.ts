import { tf } from './tf';

/** What tfjs's registry holds of a fused op or update: that registry is one for the process, however often core is installed. */
interface FusedKernelConfig extends tf.KernelConfig {
  readonly fused: unknown;
}

/** Makes `fused` what {@link findFused} gives while the tfjs backend of that name is active. */
export function putFused(name: string, eager: string, fused: unknown): void {
  const config: FusedKernelConfig = { kernelName: keyOf(name), backendName: eager, kernelFunc: () => [], fused };
  if (tf.getKernel(config.kernelName, eager)) tf.unregisterKernel(config.kernelName, eager);
  tf.registerKernel(config);
}

/** What the active tfjs backend has under a name. */
export function findFused(name: string): unknown {
  const config = tf.getKernel(keyOf(name), tf.getBackend());
  return config && 'fused' in config ? config.fused : undefined;
}

function keyOf(name: string): string {
  return `Unlabel:${name}`;
}
