// What a worker thread imports to rebuild a pipeline: every factory that a portable reference names.
export { affineCrop } from './affineCrop';
export { centreCrop } from './centreCrop';
export { colourJitter } from './colourJitter';
export { gaussianBlur } from './gaussianBlur';
export { grayscale } from './grayscale';
export { randomResizedCrop } from './randomResizedCrop';
export { solarize } from './solarize';
export { rebuildViewPipeline } from './viewPipeline';
