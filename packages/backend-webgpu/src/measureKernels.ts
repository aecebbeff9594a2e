import { tf, UnlabelError } from '@unlabel/core';
import { registeredDevice } from './device/tfjsDevice';
import { registerKernels } from './kernels/registerKernels';
import type { WebgpuSession } from './session';

/** What one way of computing something takes. */
export interface KernelsSide {
  /** Median over the turns. */ readonly ms: number;
  /** Compute dispatches of one turn. */ readonly dispatches: number;
  /** Most bytes of tensors at a time, less those that were there before. */ readonly peakBytes: number;
}

/** Our kernels against the tfjs ops that they stand for. */
export interface KernelsMeasurement {
  readonly fused: KernelsSide;
  /** Absent where it was not asked for. */ readonly composed?: KernelsSide;
}

/** How to measure kernels. */
export interface MeasureKernelsOptions {
  /** Turns of each side (default 5); one more, which compiles shaders, is not counted. */ readonly rounds?: number;
  /** Whether to run tfjs's own ops, too (default true). */ readonly composed?: boolean;
}

/**
 * Runs something with our kernels and with tfjs's alone, in turns, on the device of the open session. Afterwards our
 * kernels are those of the device, as before. Nothing else may compute on it meanwhile.
 * @param turn computes until a result could be read
 * @throws UnlabelError `INVALID_OPTION` unless `rounds` is a whole number from 1; `DEVICE_LOST`; what `turn` throws
 */
export async function measureKernels(
  session: WebgpuSession,
  turn: () => Promise<void>,
  options: MeasureKernelsOptions = {},
): Promise<KernelsMeasurement> {
  const { rounds = 5, composed = true } = options;
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `rounds is ${rounds}.`, { fix: 'Give a whole number from 1.' });
  }
  const fused: KernelsSide[] = [];
  const others: KernelsSide[] = [];
  for (let round = 0; round <= rounds; round++) {
    fused.push(await one(session, true, turn));
    if (composed) others.push(await one(session, false, turn));
  }
  return { fused: middle(fused), ...(composed && { composed: middle(others) }) };
}

async function one(session: WebgpuSession, fused: boolean, turn: () => Promise<void>): Promise<KernelsSide> {
  const registered = registeredDevice();
  if (!registered) {
    throw new UnlabelError('DEVICE_LOST', 'There is no device to measure.', { fix: 'Open the backend again.' });
  }
  if (!fused) withdrawKernels();
  const { bufferManager } = registered.backend;
  const acquire = bufferManager.acquireBuffer;
  const before = bufferManager.numBytesUsed;
  let peakBytes = 0;
  bufferManager.acquireBuffer = (...request) => {
    const buffer = acquire.apply(bufferManager, request);
    peakBytes = Math.max(peakBytes, bufferManager.numBytesUsed - before);
    return buffer;
  };
  const dispatches = session.dispatches();
  const start = performance.now();
  try {
    await turn();
    return { ms: performance.now() - start, dispatches: session.dispatches() - dispatches, peakBytes };
  } finally {
    bufferManager.acquireBuffer = acquire;
    if (!fused) registerKernels('webgpu', registered.dispatcher);
  }
}

function withdrawKernels(): void {
  for (const { kernelName, backendName } of tf.getKernelsForBackend('webgpu')) {
    if (kernelName.startsWith('Unlabel:')) tf.unregisterKernel(kernelName, backendName);
  }
}

function middle(turns: readonly KernelsSide[]): KernelsSide {
  const counted = turns.slice(1);
  const times = counted.map(({ ms }) => ms).sort((a, b) => a - b);
  const { dispatches = 0, peakBytes = 0 } = counted.at(-1) ?? {};
  return { ms: times[Math.floor(times.length / 2)] ?? Number.NaN, dispatches, peakBytes };
}
