/// <reference types="@webgpu/types" />
import { type Availability, type Backend, type BackendOptions, UnlabelError } from '@unlabel/core';
import { requestDevice } from './device/device';
import { type AdapterOptions, describeAdapter, isSoftware, requestAdapter } from './device/gpu';
import { registerDevice, registeredDevice, type TfjsDevice } from './device/tfjsDevice';
import { openSession, type WebgpuSession } from './session';

/** Where to compute. */
export interface WebgpuOptions extends AdapterOptions {
  /** A device of your own, to share with other WebGPU code; `powerPreference` is then not read. */ readonly device?: GPUDevice;
  /** Whether sessions offer to render the views that they train on (default: unless the adapter computes on the CPU). */
  readonly rendersViews?: boolean;
}

/** The backend with what its sessions can do besides. */
export interface WebgpuBackend extends Backend {
  open(options?: BackendOptions): Promise<WebgpuSession>;
}

/**
 * Runs steps on the GPU through WebGPU, in browsers and, with the optional peer `webgpu`, in Node. Sessions of a process
 * share one device, until it is lost: then the next `open` asks for another.
 * @throws UnlabelError from `open`: `PEER_MISSING`, `BACKEND_UNAVAILABLE`, `DEVICE_LOST` for a `device` that is lost; from
 *   steps and whatever reads values: `DEVICE_LOST`, `DEVICE_OUT_OF_MEMORY`, `DEVICE_FAULT`
 */
export function webgpu(options: WebgpuOptions = {}): WebgpuBackend {
  return {
    name: 'webgpu',
    probe: () => probe(options),
    open: async () => {
      const registered = await deviceOf(options);
      return openSession(registered, options.rendersViews ?? !isSoftware(registered.device.adapterInfo));
    },
  };
}

async function deviceOf(options: WebgpuOptions): Promise<TfjsDevice> {
  const { device } = options;
  const registered = registeredDevice();
  if (registered && (device === undefined || device === registered.device)) return registered;
  if (device) return registerDevice(device, device.adapterInfo);
  const adapter = await requestAdapter(options);
  return registerDevice(await requestDevice(adapter), adapter.info);
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
        .replace(/\.? *$/, ''),
      fix,
    };
  }
}
