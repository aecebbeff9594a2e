/// <reference types="@webgpu/types" />
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { tf, UnlabelError } from '@unlabel/core';

/** tfjs's name of the backend. */
export const eager = 'webgpu';

/** The tfjs backend over one device, and what is known of the device. */
export interface TfjsDevice {
  readonly backend: WebGPUBackend;
  readonly device: GPUDevice;
  /** Why the device is gone; `undefined` while it is there. */ lost(): UnlabelError | undefined;
}

/**
 * Makes `device` the one of tfjs's backend `webgpu`. Whatever is read from it afterwards comes with the errors that the
 * GPU reported since the reading before: invalid shaders, and memory that ran out, would otherwise leave garbage behind.
 */
export async function registerDevice(device: GPUDevice, info: GPUAdapterInfo): Promise<TfjsDevice> {
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const lost = watchLoss(device);
  class ReportingBackend extends WebGPUBackend {
    readonly faults = watchFaults(device);
    override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
      const gone = lost();
      if (gone) throw gone;
      const fault = this.faults();
      const values = await super.read(dataId).catch((cause: unknown) => {
        throw lost() ?? cause;
      });
      const found = await fault;
      if (found) throw found;
      return values;
    }
  }
  tf.env().set('WEBGPU_CPU_FORWARD', false); // small tensors would be computed by another backend
  const backend = new ReportingBackend(device, info);
  if (tf.findBackendFactory(eager)) tf.removeBackend(eager);
  tf.registerBackend(eager, () => backend, 3);
  return { backend, device, lost };
}

function watchLoss(device: GPUDevice): () => UnlabelError | undefined {
  let gone: UnlabelError | undefined;
  void device.lost.then(({ reason, message }) => {
    const why = [reason, message].filter(Boolean).join(': ') || 'unknown';
    gone = new UnlabelError('DEVICE_LOST', `The GPU device was lost (${why}).`, {
      fix: 'State on it is gone; checkpoints are whole. Open the backend again and resume from the last one.',
    });
  });
  return () => gone;
}

const filters = ['validation', 'out-of-memory', 'internal'] as const;

/** Keeps error scopes open on the device; each call closes them, opens new ones, and gives what was in the closed ones. */
function watchFaults(device: GPUDevice): () => Promise<UnlabelError | undefined> {
  const open = () => {
    for (const filter of filters) device.pushErrorScope(filter);
  };
  open();
  return async () => {
    const closed = filters.map(() => device.popErrorScope());
    open();
    const [error] = (await Promise.all(closed)).filter((found) => found !== null);
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
