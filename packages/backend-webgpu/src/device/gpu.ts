/// <reference types="@webgpu/types" />
import { UnlabelError } from '@unlabel/core';

/** Which adapter to ask for, where a machine has several. */
export interface AdapterOptions {
  /** `'high-performance'` (default) or `'low-power'`, such as the processor's own graphics. */
  readonly powerPreference?: GPUPowerPreference;
}

/**
 * An adapter of this browser, or of Dawn in Node through the optional peer `webgpu`.
 * @throws UnlabelError `PEER_MISSING` in Node without `webgpu`; `BACKEND_UNAVAILABLE` where there is no WebGPU, no
 *   adapter, or one below WebGPU's own minimum
 */
export async function requestAdapter(options: AdapterOptions = {}): Promise<GPUAdapter> {
  const { powerPreference = 'high-performance' } = options;
  const adapter = await (await findGpu()).requestAdapter({ powerPreference });
  if (!adapter) throw unavailable('no GPU adapter was found', noAdapter());
  const short = shortOf(adapter.limits);
  if (short.length === 0) return adapter;
  throw unavailable(`the adapter ${describeAdapter(adapter.info)} is too small (${short.join(', ')})`, otherBackend);
}

/** Such as `nvidia ampere` or, of drivers that say more, `SwiftShader driver 5.0.0 (google swiftshader)`. */
export function describeAdapter({ vendor, architecture, description }: GPUAdapterInfo): string {
  const model = [vendor, architecture].filter(Boolean).join(' ');
  if (!description) return model || 'a GPU that does not say its name';
  return model ? `${description} (${model})` : description;
}

/** Whether the adapter computes on the CPU. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(describeAdapter(info));
}

const otherBackend = 'Choose another backend; `unlabel doctor` says which work here.';

async function findGpu(): Promise<GPU> {
  if ('navigator' in globalThis && navigator.gpu) return navigator.gpu;
  if (isNode()) return dawn();
  const insecure = 'isSecureContext' in globalThis && !isSecureContext;
  throw unavailable(
    insecure ? 'the page is not served over https or from localhost' : 'this browser has no WebGPU',
    insecure ? 'Serve it over https.' : 'Use a current Chrome, Edge, Safari or Firefox, or another backend.',
  );
}

function isNode(): boolean {
  return typeof process === 'object' && Boolean(process.versions?.node);
}

/** Dawn, and the globals by which tfjs finds it. */
async function dawn(): Promise<GPU> {
  const { create, globals } = await import('webgpu').catch((cause: unknown) => {
    throw new UnlabelError('PEER_MISSING', 'webgpu: the package `webgpu` is not installed, or does not load here.', {
      fix: 'Run `npm install webgpu`.',
      cause,
    });
  });
  if (!(await mayHaveVulkan())) throw unavailable('no Vulkan driver is installed', noAdapter());
  Object.assign(globalThis, globals);
  const gpu = create([]);
  if (!('navigator' in globalThis)) {
    Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'node' }, configurable: true });
  }
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

/** Whether Dawn has a driver to try: on Linux it complains on the console where there is none. */
async function mayHaveVulkan(): Promise<boolean> {
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES, XDG_DATA_DIRS = '/usr/local/share:/usr/share' } = process.env;
  if (process.platform !== 'linux' || VK_ICD_FILENAMES || VK_DRIVER_FILES) return true;
  const { readdir } = await import('node:fs/promises');
  const folders = ['/etc', ...XDG_DATA_DIRS.split(':')].map((folder) => `${folder}/vulkan/icd.d`);
  const drivers = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return drivers.flat().length > 0;
}

function noAdapter(): string {
  if (!isNode()) return 'Turn on hardware acceleration in the settings of the browser, or choose another backend.';
  return process.platform === 'linux'
    ? 'Install the Vulkan driver of the GPU and libvulkan1, or choose another backend.'
    : 'Install the driver of the GPU, or choose another backend.';
}

/** What every WebGPU device has; adapters of WebGPU's compatibility mode may not. */
const minimum = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16_384,
  maxStorageBufferBindingSize: 134_217_728,
} as const;

function shortOf(limits: GPUSupportedLimits): string[] {
  const names = ['maxStorageBuffersPerShaderStage', 'maxComputeInvocationsPerWorkgroup'] as const;
  const sizes = ['maxComputeWorkgroupStorageSize', 'maxStorageBufferBindingSize'] as const;
  return [...names, ...sizes]
    .filter((name) => limits[name] < minimum[name])
    .map((name) => `${name} is ${limits[name]}, not ${minimum[name]}`);
}

function unavailable(reason: string, fix: string): UnlabelError {
  return new UnlabelError('BACKEND_UNAVAILABLE', `webgpu: ${reason}.`, { fix });
}
