export { plugin } from './plugin';
export { tensorflow, tensorflowGpu } from './tensorflow';
