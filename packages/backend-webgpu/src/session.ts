/// <reference types="@webgpu/types" />
import { type BackendSession, type CompiledStep, openEagerSession } from '@unlabel/core';
import { eager, type TfjsDevice } from './device/tfjsDevice';
import { canRender, gpuViews } from './views/gpuViews';

/** A session on a GPU. */
export interface WebgpuSession extends BackendSession {
  readonly device: GPUDevice;
  /** Compute dispatches so far. */ dispatches(): number;
  /** Gives back the GPU memory that is kept for tensors to come; what has not been used for some runs goes by itself. */
  trim(): void;
}

/**
 * A session on a registered device, which other sessions may share.
 * @param rendersViews whether it offers to render the views that it trains on
 */
export async function openSession(registered: TfjsDevice, rendersViews: boolean): Promise<WebgpuSession> {
  const session = await openEagerSession('webgpu', eager);
  const { backend, cache, device, dispatches } = registered;
  return {
    ...session,
    device,
    dispatches,
    compile: async (step, signature) => watched(await session.compile(step, signature), registered),
    views: (pipeline) => (rendersViews && canRender(pipeline) ? gpuViews(pipeline) : undefined),
    memory: () => {
      const { numBytesUsed: bytes, numBytesAllocated: deviceBytes } = backend.bufferManager;
      return { ...session.memory(), bytes, deviceBytes };
    },
    trim: () => cache.trim(),
    dispose: async () => {
      await session.dispose();
      cache.trim();
    },
  };
}

/** Runs of the step say why they fail, and let go of memory that is no longer used. */
function watched<Outputs extends string>(step: CompiledStep<Outputs>, registered: TfjsDevice): CompiledStep<Outputs> {
  const { lost, faults, cache } = registered;
  return {
    ...step,
    run: async (...run) => {
      const gone = lost();
      if (gone) throw gone;
      try {
        return await step.run(...run);
      } catch (cause) {
        const fault = await faults();
        throw lost() ?? fault ?? cause;
      } finally {
        cache.endRun();
      }
    },
  };
}
