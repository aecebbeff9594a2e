/// <reference types="@webgpu/types" />
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** Buffers that tfjs keeps for tensors to come. tfjs itself never lets go of one. */
export interface BufferCache {
  /** Destroys the free buffers that no tensor has used in the last runs; called after each run. */ endRun(): void;
  /** Destroys all free buffers. */ trim(): void;
  /** Lets no buffer that there is now come to another tensor: once memory ran out, some of them have none. */ distrust(): void;
}

/** Steps of several signatures take turns: an epoch's smaller last batch, evaluation. */
const runsKept = 32;

/** Watches over a tfjs backend's buffers, whose private lists it uses: 4.22.0 is pinned for that. */
export function bufferCacheOf({ bufferManager }: WebGPUBackend): BufferCache {
  const lastUse = new WeakMap<GPUBuffer, number>();
  const trustedIn = new WeakMap<GPUBuffer, number>();
  let [run, trust] = [0, 0];
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (...request) => {
    const buffer = acquire(...request);
    trustedIn.set(buffer, trust);
    return buffer;
  };
  const release = bufferManager.releaseBuffer.bind(bufferManager);
  bufferManager.releaseBuffer = (buffer: GPUBuffer, reuse = true) => {
    lastUse.set(buffer, run);
    release(buffer, reuse && trustedIn.get(buffer) === trust);
  };
  const destroyUnusedSince = (oldest: number) => {
    for (const [key, buffers] of bufferManager['freeBuffers']) {
      const kept = buffers.filter((buffer: GPUBuffer) => (lastUse.get(buffer) ?? 0) > oldest);
      for (const buffer of buffers) {
        if (kept.includes(buffer)) continue;
        bufferManager.numBytesAllocated -= buffer.size;
        bufferManager['numFreeBuffers']--;
        buffer.destroy();
      }
      bufferManager['freeBuffers'].set(key, kept);
    }
  };
  return {
    endRun: () => {
      run++;
      destroyUnusedSince(run - runsKept);
    },
    trim: () => destroyUnusedSince(run),
    distrust: () => {
      trust++;
      destroyUnusedSince(run);
    },
  };
}
