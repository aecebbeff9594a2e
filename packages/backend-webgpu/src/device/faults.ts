/// <reference types="@webgpu/types" />
import { UnlabelError } from '@unlabel/core';

const filters = ['validation', 'out-of-memory', 'internal'] as const;

/**
 * Keeps error scopes open on a device. Each call closes them, opens new ones, and tells what the GPU reported in between:
 * `DEVICE_OUT_OF_MEMORY` or `DEVICE_FAULT`.
 */
export function watchFaults(device: GPUDevice): () => Promise<UnlabelError | undefined> {
  const open = () => {
    for (const filter of filters) device.pushErrorScope(filter);
  };
  open();
  return async () => {
    const closed = filters.map(() => device.popErrorScope());
    open();
    const results = await Promise.allSettled(closed); // rejected where the device is lost
    const [error] = results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
    return error && faultOf(error);
  };
}

function faultOf(error: GPUError): UnlabelError {
  if (error instanceof GPUOutOfMemoryError) {
    return new UnlabelError('DEVICE_OUT_OF_MEMORY', `The GPU ran out of memory (${error.message}).`, {
      fix: 'Lower the batch size or take a smaller model.',
    });
  }
  return new UnlabelError('DEVICE_FAULT', `The GPU refused a command, and its results are wrong: ${error.message}`, {
    fix: 'Resume from the last checkpoint, on another backend if it happens again, and report the message.',
  });
}
