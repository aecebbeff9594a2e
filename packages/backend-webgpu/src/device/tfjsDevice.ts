/// <reference types="@webgpu/types" />
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { tf, UnlabelError } from '@unlabel/core';
import { type Dispatcher, dispatcherOf } from '../kernels/dispatcher';
import { registerKernels } from '../kernels/registerKernels';
import { type BufferCache, bufferCacheOf } from './bufferCache';
import { watchFaults } from './faults';

/** tfjs's name of the backend. */
export const eager = 'webgpu';

/** The tfjs backend over one device, and what is known of the device. */
export interface TfjsDevice {
  readonly backend: WebGPUBackend;
  readonly device: GPUDevice;
  readonly dispatcher: Dispatcher;
  readonly cache: BufferCache;
  /** Programs run so far, tfjs's and our own. */ dispatches(): number;
  /** Why the device is gone; `undefined` while it is there. */ lost(): UnlabelError | undefined;
  /** Ends the sessions on it, for another device takes its place. */ supersede(): void;
  /** What the GPU reported since the last call, if anything. */ faults(): Promise<UnlabelError | undefined>;
}

const devices = new WeakMap<object, TfjsDevice>();

/** The device that tfjs's backend `webgpu` is over, if it was set up here and is not lost. */
export function registeredDevice(): TfjsDevice | undefined {
  const known = devices.get(tf.engine().registry[eager] ?? {});
  return known?.lost() ? undefined : known;
}

/**
 * Makes `device` the one of tfjs's backend `webgpu`. Whatever is read from it afterwards comes with the errors that the
 * GPU reported since the reading before: invalid shaders, and memory that ran out, would otherwise leave garbage behind.
 */
export async function registerDevice(device: GPUDevice, info: GPUAdapterInfo): Promise<TfjsDevice> {
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  registeredDevice()?.supersede();
  const { lost, supersede } = watchLoss(device);
  const reported = watchFaults(device);
  const faults = async () => {
    const fault = await reported();
    if (fault?.code === 'DEVICE_OUT_OF_MEMORY') cache.distrust();
    return fault;
  };
  class ReportingBackend extends WebGPUBackend {
    programs = 0;
    override runWebGPUProgram(...call: Parameters<WebGPUBackend['runWebGPUProgram']>): tf.TensorInfo {
      this.programs++;
      return super.runWebGPUProgram(...call);
    }
    /** A buffer's values as they are now. tfjs's own reading keeps them on the CPU for the next, when they may have changed. */
    downloaded(dataId: object): Promise<tf.backend_util.BackendValues> | undefined {
      const { resource, dtype, values } = this.tensorMap.get(dataId);
      if (values || dtype === 'complex64' || !(resource instanceof GPUBuffer)) return undefined;
      return this.getBufferData(resource).then((bytes) => tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype));
    }
    override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
      const gone = lost();
      if (gone) throw gone;
      const reading = this.downloaded(dataId) ?? super.read(dataId); // submits what is left to do
      const fault = faults();
      const values = await reading.catch(async (cause: unknown) => {
        await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 50))]);
        throw (await explained(lost, fault)) ?? cause;
      });
      const found = await explained(lost, fault);
      if (found) throw found;
      return values;
    }
  }
  tf.env().set('WEBGPU_CPU_FORWARD', false); // small tensors would be computed by another backend
  const backend = new ReportingBackend(device, info);
  if (tf.findBackendFactory(eager)) tf.removeBackend(eager);
  tf.registerBackend(eager, () => backend, 3);
  const cache = bufferCacheOf(backend);
  const dispatcher = dispatcherOf(backend);
  registerKernels(eager, dispatcher);
  const dispatches = () => backend.programs + dispatcher.dispatches;
  const registered = {
    backend,
    device,
    dispatcher,
    cache,
    dispatches,
    lost,
    supersede,
    faults,
  };
  devices.set(backend, registered);
  return registered;
}

/** Why a reading failed, or what was wrong with it: a lost device says so a moment after what was asked of it fails. */
async function explained(lost: TfjsDevice['lost'], fault: Promise<UnlabelError | undefined>) {
  const found = await fault;
  return lost() ?? found;
}

function watchLoss(device: GPUDevice): Pick<TfjsDevice, 'lost' | 'supersede'> {
  let gone: UnlabelError | undefined;
  const lose = (why: string) => {
    gone ??= new UnlabelError('DEVICE_LOST', `The GPU device was lost (${why}).`, {
      fix: 'State on it is gone; checkpoints are whole. Open the backend again and resume from the last one.',
    });
  };
  void device.lost.then(({ reason, message }) => lose([reason, message].filter(Boolean).join(': ') || 'unknown'));
  return { lost: () => gone, supersede: () => lose('another device took its place') };
}
