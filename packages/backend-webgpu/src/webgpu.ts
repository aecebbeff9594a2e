/// <reference types="@webgpu/types" />
import { type Availability, type Backend, openEagerSession, UnlabelError } from '@unlabel/core';
import { requestDevice } from './device/device';
import { type AdapterOptions, describeAdapter, isSoftware, requestAdapter } from './device/gpu';
import { eager, registerDevice } from './device/tfjsDevice';

/** Where to compute. */
export interface WebgpuOptions extends AdapterOptions {
  /** A device of your own, to share with other WebGPU code; `powerPreference` is then not read. */ readonly device?: GPUDevice;
}

/**
 * Runs steps on the GPU through WebGPU, in browsers and, with the optional peer `webgpu`, in Node.
 * @throws UnlabelError from `open`: `PEER_MISSING`, `BACKEND_UNAVAILABLE`; from steps and from whatever reads values:
 *   `DEVICE_LOST`, `DEVICE_OUT_OF_MEMORY`, `DEVICE_FAULT`
 */
export function webgpu(options: WebgpuOptions = {}): Backend {
  return {
    name: 'webgpu',
    probe: () => probe(options),
    open: async () => {
      const { device, info } = await deviceOf(options);
      await registerDevice(device, info);
      return openEagerSession('webgpu', eager);
    },
  };
}

async function deviceOf(options: WebgpuOptions): Promise<{ device: GPUDevice; info: GPUAdapterInfo }> {
  const { device } = options;
  if (device) return { device, info: device.adapterInfo };
  const adapter = await requestAdapter(options);
  return { device: await requestDevice(adapter), info: adapter.info };
}

async function probe(options: WebgpuOptions): Promise<Availability> {
  try {
    const info = options.device?.adapterInfo ?? (await requestAdapter(options)).info;
    const software = isSoftware(info);
    return { available: true, detail: `${describeAdapter(info)}${software ? ', computing on the CPU' : ''}`, software };
  } catch (error) {
    const { message, fix = '' } = UnlabelError.is(error) ? error : { message: String(error) };
    return {
      available: false,
      reason: message
        .replace(/^webgpu: /, '')
        .replace(fix, '')
        .trim(),
      fix,
    };
  }
}
