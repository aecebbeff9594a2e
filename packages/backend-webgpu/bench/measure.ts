import { tf } from '@unlabel/core';
import { registeredDevice } from '../src/device/tfjsDevice';
import type { WebgpuSession } from '../src/index';
import { registerKernels } from '../src/kernels/registerKernels';

/** One way of computing something. */
export interface Side {
  /** Median over the turns. */ readonly ms: number;
  /** Compute dispatches of one turn. */ readonly dispatches: number;
  /** Most bytes of tensors at a time, less those that were there before. */ readonly peakBytes: number;
}

export interface Figures {
  readonly fused: Side;
  readonly composed?: Side;
}

/** Runs `turn` with our kernels and with tfjs's alone, in turns; each side's first turn, which compiles shaders, is not counted. */
export async function measure(
  session: WebgpuSession,
  rounds: number,
  turn: () => Promise<void>,
  { composed = true } = {},
): Promise<Figures> {
  const fused: Side[] = [];
  const others: Side[] = [];
  for (let round = 0; round <= rounds; round++) {
    fused.push(await one(session, true, turn));
    if (composed) others.push(await one(session, false, turn));
  }
  return { fused: middle(fused), ...(composed && { composed: middle(others) }) };
}

async function one(session: WebgpuSession, fused: boolean, turn: () => Promise<void>): Promise<Side> {
  const registered = registeredDevice();
  if (!registered) throw new Error('There is no device.');
  if (fused) registerKernels('webgpu', registered.dispatcher);
  else withdrawKernels();
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
  await turn();
  const ms = performance.now() - start;
  bufferManager.acquireBuffer = acquire;
  return { ms, dispatches: session.dispatches() - dispatches, peakBytes };
}

function withdrawKernels(): void {
  for (const { kernelName, backendName } of tf.getKernelsForBackend('webgpu')) {
    if (kernelName.startsWith('Unlabel:')) tf.unregisterKernel(kernelName, backendName);
  }
}

function middle(turns: readonly Side[]): Side {
  const counted = turns.slice(1);
  const times = counted.map(({ ms }) => ms).sort((a, b) => a - b);
  const { dispatches = 0, peakBytes = 0 } = counted.at(-1) ?? {};
  return { ms: times[Math.floor(times.length / 2)] ?? Number.NaN, dispatches, peakBytes };
}
