export {
  type KernelsMeasurement,
  type KernelsSide,
  type MeasureKernelsOptions,
  measureKernels,
} from './measureKernels';
export { plugin } from './plugin';
export type { WebgpuSession } from './session';
export { type GpuViews, gpuViews } from './views/gpuViews';
export { type MeasureViewsOptions, measureViews, type ViewsMeasurement } from './views/measureViews';
export { type WebgpuBackend, type WebgpuOptions, webgpu } from './webgpu';
