export { plugin } from './plugin';
export { type WebgpuOptions, webgpu } from './webgpu';
