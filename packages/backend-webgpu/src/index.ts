export { plugin } from './plugin';
export type { WebgpuSession } from './session';
export { type WebgpuBackend, type WebgpuOptions, webgpu } from './webgpu';
